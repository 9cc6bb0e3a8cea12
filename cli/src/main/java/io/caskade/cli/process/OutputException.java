package io.caskade.cli.process;

import java.io.IOException;

/// Standard output or standard error could not be written.
public final class OutputException extends IOException {

    private static final long serialVersionUID = 1L;

    private final boolean readerGone;

    OutputException(IOException cause, boolean readerGone) {
        super(cause.getMessage(), cause);
        this.readerGone = readerGone;
    }

    /// Whether the reader of a pipe has ended, as `head` does when it has seen enough. That is no failure.
    public boolean isReaderGone() {
        return readerGone;
    }
}
