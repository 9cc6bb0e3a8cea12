package io.caskade.server.lifecycle;

/// A node cannot start. The message says what is in the way and what to do, ready to print.
public final class StartupException extends Exception {
    private static final long serialVersionUID = 1L;

    /// Says what is in the way.
    public StartupException(String message) {
        super(message);
    }

    /// Says what is in the way, and what it was found by.
    public StartupException(String message, Throwable cause) {
        super(message, cause);
    }
}
