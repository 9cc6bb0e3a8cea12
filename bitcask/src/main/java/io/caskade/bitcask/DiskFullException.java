package io.caskade.bitcask;

import java.io.IOException;
import java.nio.file.Path;

/// The disk is full, so a write was refused. Existing data is intact.
public final class DiskFullException extends ResourceExhaustedException {
    private static final long serialVersionUID = 1L;

    /// Only the reserve for deletes and merges is left.
    ///
    /// @param free the free bytes
    /// @param reserve the reserved bytes
    public DiskFullException(Path directory, long free, long reserve) {
        super(directory + ": no space left on the disk for puts: " + free + " bytes are free, and " + reserve
                + " are kept for deletes and merges");
    }

    /// With the file that could not grow.
    public DiskFullException(Path file, IOException cause) {
        super(file + ": no space left on the disk", cause);
    }
}
