package io.caskade.client.routing;

import java.util.concurrent.CompletableFuture;

/// No node is known to serve the partition at the moment. Common while leaders change, so it carries no stack
/// trace; it never reaches the user.
public final class NoRouteException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String reason;
    private final transient CompletableFuture<Void> changed;

    /// No leader is known, and no watch will report one.
    NoRouteException(String reason) {
        this(reason, new CompletableFuture<>());
    }

    /// @param changed completes when there may be a leader
    NoRouteException(String reason, CompletableFuture<Void> changed) {
        super(reason, null, false, false);
        this.reason = reason;
        this.changed = changed;
    }

    /// Completes when there may be a route.
    public CompletableFuture<Void> changed() {
        return changed;
    }

    /// A human-readable line that says what is missing.
    public String reason() {
        return reason;
    }
}
