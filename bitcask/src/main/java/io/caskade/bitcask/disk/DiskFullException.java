package io.caskade.bitcask.disk;

import java.io.IOException;
import java.nio.file.Path;

/// There is no room left for a write. What was there before is unharmed.
public final class DiskFullException extends IOException {
    private static final long serialVersionUID = 1L;

    /// Says which file could not grow.
    public DiskFullException(Path file, IOException cause) {
        super(file + ": no space left on the disk", cause);
    }
}
