package io.caskade.client;

import org.jspecify.annotations.Nullable;

/// A write was sent, but its outcome is unknown: it may have been applied, may still be applied, or may never
/// be. Read the key to find out.
public final class OutcomeUnknownException extends CaskadeException {

    private static final long serialVersionUID = 1L;

    OutcomeUnknownException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    OutcomeUnknownException withCallerStackTrace() {
        return new OutcomeUnknownException(getMessage(), this);
    }
}
