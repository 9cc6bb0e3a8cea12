package io.caskade.client;

import org.jspecify.annotations.Nullable;

/// An operation failed. Each subclass says what is known about the operation's effect; the message is one
/// human-readable line that says what to do.
public abstract sealed class CaskadeException extends RuntimeException
        permits OutcomeUnknownException, RefusedException, UnreachableException {

    private static final long serialVersionUID = 1L;

    private final String message;

    CaskadeException(String message, @Nullable Throwable cause) {
        super(message, cause);
        this.message = message;
    }

    @Override
    public final String getMessage() {
        return message;
    }

    /// The same failure with this thread's stack trace, caused by this one, which happened on another thread.
    abstract CaskadeException withCallerStackTrace();
}
