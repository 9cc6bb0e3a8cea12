package io.caskade.bitcask.segment;

import java.io.IOException;
import java.nio.file.Path;

/// A write failed and could not be undone: the log must not be written to again.
public final class UndoFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    UndoFailedException(Path file, IOException cause) {
        super(file + ": a write failed and could not be undone: " + cause.getMessage(), cause);
    }
}
