package io.caskade.client;

import org.jspecify.annotations.Nullable;

/// The operation reached no node that could serve it before the timeout: no ZooKeeper, no cluster, no leader,
/// or no connection to the leader. Nothing was written.
public final class UnreachableException extends CaskadeException {

    private static final long serialVersionUID = 1L;

    UnreachableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    UnreachableException withCallerStackTrace() {
        return new UnreachableException(getMessage(), this);
    }
}
