package io.caskade.server.cluster;

import org.jspecify.annotations.Nullable;

/// A coordinator operation failed. The message is human-readable.
public class CoordinationException extends Exception {

    private static final long serialVersionUID = 1L;

    /// @param cause null when there is none
    public CoordinationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
