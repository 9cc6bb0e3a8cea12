package io.caskade.bitcask.log;

import java.io.IOException;
import java.nio.file.Path;

/// A write failed and what it left behind could not be taken back: the log must not be written to again.
final class UndoFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    UndoFailedException(Path file, IOException cause) {
        super(file + ": a write failed and could not be undone: " + cause.getMessage(), cause);
    }
}
