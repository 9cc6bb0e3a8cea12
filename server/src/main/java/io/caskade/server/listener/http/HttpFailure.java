package io.caskade.server.listener.http;

/// A request that is answered with an error. Carries no stack trace: it is an answer, not a failure of the
/// node.
final class HttpFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Response response;

    HttpFailure(ErrorCode code, String message) {
        this(Response.error(code, message));
    }

    HttpFailure(Response response) {
        super(response.status().toString(), null, false, false);
        this.response = response;
    }

    /// The resource has other methods.
    ///
    /// @param allowed its methods, separated by commas
    static HttpFailure methodNotAllowed(String method, String allowed) {
        return new HttpFailure(
                Response.error(ErrorCode.METHOD_NOT_ALLOWED, "no method " + method + " here; there are " + allowed)
                        .with("allow", allowed));
    }

    static HttpFailure invalid(String message) {
        return new HttpFailure(ErrorCode.INVALID_ARGUMENT, message);
    }

    Response response() {
        return response;
    }
}
