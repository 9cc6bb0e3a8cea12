package io.caskade.server.partition;

/// A copy can neither serve nor be replicated to; the message says why.
public final class CopyUnavailableException extends Exception {

    private static final long serialVersionUID = 1L;

    CopyUnavailableException(String message) {
        super(message);
    }

    CopyUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
