package io.caskade.server.partition;

/// A copy of a partition can be neither served nor fed, and why.
public final class CopyUnavailableException extends Exception {

    private static final long serialVersionUID = 1L;

    CopyUnavailableException(String message) {
        super(message);
    }

    CopyUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
