package io.caskade.bitcask.log;

import java.io.IOException;
import java.io.Serial;

/// What was sent for a log is not what it claims to be, or does not continue the log. Nothing was written.
public final class MalformedBatchesException extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    /// Says what is wrong.
    public MalformedBatchesException(String message) {
        super(message);
    }
}
