package io.caskade.bitcask.inspect;

import java.io.IOException;
import java.nio.file.Path;

/// A directory holds no copy: it has neither the file `copy` nor any segment.
public final class NotACopyException extends IOException {
    private static final long serialVersionUID = 1L;

    /// Says which.
    public NotACopyException(Path directory) {
        super(directory + ": not a copy's directory: it has neither the file `copy` nor segments (.log)");
    }
}
