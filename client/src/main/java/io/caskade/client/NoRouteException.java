package io.caskade.client;

import java.util.concurrent.CompletableFuture;

/// Nobody is known who would take a call, at the moment. An everyday thing while leaders change, hence without a stack
/// trace; it never leaves the package.
final class NoRouteException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String reason;

    private final transient CompletableFuture<Void> changed;

    /// Nobody is known, and nothing that is watched will tell of somebody.
    NoRouteException(String reason) {
        this(reason, new CompletableFuture<>());
    }

    /// @param changed completes when there may be somebody
    NoRouteException(String reason, CompletableFuture<Void> changed) {
        super(reason, null, false, false);
        this.reason = reason;
        this.changed = changed;
    }

    CompletableFuture<Void> changed() {
        return changed;
    }

    String reason() {
        return reason;
    }
}
