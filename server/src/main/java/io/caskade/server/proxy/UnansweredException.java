package io.caskade.server.proxy;

/// Another node did not answer: it could not be reached, or no answer came. Carries no stack trace.
public final class UnansweredException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean maybeReceived;

    /// @param maybeReceived whether the node may have received what it was asked; false only if that is certain
    public UnansweredException(boolean maybeReceived, String message) {
        super(message, null, false, false);
        this.maybeReceived = maybeReceived;
    }

    /// Whether the node may have received what it was asked.
    public boolean maybeReceived() {
        return maybeReceived;
    }
}
