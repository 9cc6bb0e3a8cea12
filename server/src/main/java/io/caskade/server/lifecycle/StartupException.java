package io.caskade.server.lifecycle;

/// A node cannot start. The printable message says why and what to do.
public final class StartupException extends Exception {
    private static final long serialVersionUID = 1L;

    /// With the message.
    public StartupException(String message) {
        super(message);
    }

    /// With the message and the cause.
    public StartupException(String message, Throwable cause) {
        super(message, cause);
    }
}
