package io.caskade.bitcask.disk;

import java.io.IOException;
import java.nio.file.Path;

/// There is no room left for a write. What was there before is unharmed.
public final class DiskFullException extends IOException {
    private static final long serialVersionUID = 1L;

    /// Says that what is left is kept for what frees space.
    ///
    /// @param free how many bytes are free
    /// @param reserve how many of them are kept
    public DiskFullException(Path directory, long free, long reserve) {
        super(directory + ": no space left on the disk for puts: " + free + " bytes are free, and " + reserve
                + " are kept for deletes and merges");
    }

    /// Says which file could not grow.
    public DiskFullException(Path file, IOException cause) {
        super(file + ": no space left on the disk", cause);
    }
}
