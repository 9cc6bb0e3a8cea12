package io.caskade.bitcask;

import java.io.IOException;
import java.nio.file.Path;

/// A directory is open already, in this process or another.
public final class DirectoryInUseException extends IOException {
    private static final long serialVersionUID = 1L;

    /// With the directory.
    public DirectoryInUseException(Path directory) {
        this(directory, "another process");
    }

    /// With the directory and who uses it.
    public DirectoryInUseException(Path directory, String owner) {
        super(directory + ": in use by " + owner + "; nothing was changed");
    }
}
