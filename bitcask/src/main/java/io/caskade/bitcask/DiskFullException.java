package io.caskade.bitcask;

import java.io.IOException;
import java.nio.file.Path;

/// The disk has no room for a write. Existing data is intact.
public final class DiskFullException extends ResourceExhaustedException {
    private static final long serialVersionUID = 1L;

    /// Only the reserve is left, which is kept for deletes and merges.
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
