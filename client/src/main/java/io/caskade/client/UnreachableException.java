package io.caskade.client;

import org.jspecify.annotations.Nullable;

/// Nobody who could have answered was reached before the time-out: no ZooKeeper, no cluster, no leader, or no
/// connection to it. Nothing was written.
public final class UnreachableException extends CaskadeException {

    private static final long serialVersionUID = 1L;

    UnreachableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    UnreachableException fromHere() {
        return new UnreachableException(getMessage(), this);
    }
}
