package io.caskade.client;

/// Nobody is known who would take a call, at the moment. An everyday thing while leaders change, hence without a stack
/// trace; it never leaves the package.
final class NoRouteException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String reason;

    NoRouteException(String reason) {
        super(reason, null, false, false);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
