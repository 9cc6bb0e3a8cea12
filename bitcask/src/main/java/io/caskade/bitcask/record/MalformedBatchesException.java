package io.caskade.bitcask.record;

import java.io.IOException;
import java.io.Serial;

/// Batches sent by another copy are malformed or do not continue the log. Nothing was written.
public final class MalformedBatchesException extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    /// With what is wrong.
    public MalformedBatchesException(String message) {
        super(message);
    }
}
