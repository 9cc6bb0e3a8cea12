package io.caskade.server.listener.http;

/// Finds what a request asks for. Thread-safe.
final class Router {

    private static final String KEYS = "/v1/kv";
    private static final String KEY = KEYS + "/";

    private final KeyResource key;
    private final KeysResource keys;
    private final StatusResources status;

    Router(KeyResource key, KeysResource keys, StatusResources status) {
        this.key = key;
        this.keys = keys;
        this.status = status;
    }

    /// The operation of a request.
    ///
    /// @throws HttpFailure when there is no such resource or method, or the request is not as it must be
    Operation route(Request request) {
        String path = request.target().path();
        if (path.startsWith(KEY)) {
            return key.operation(request, RequestTarget.decode(path.substring(KEY.length())));
        }
        return switch (path) {
            case KEYS -> keys.operation(request);
            case "/healthz" -> status.health(request);
            case "/readyz" -> status.readiness(request);
            case "/metrics" -> status.metrics(request);
            case "/openapi.json" -> status.openApi(request);
            default ->
                throw new HttpFailure(
                        ErrorCode.NOT_FOUND,
                        "nothing is here; there are /v1/kv/{key}, /v1/kv, /healthz, /readyz, /metrics and"
                                + " /openapi.json");
        };
    }
}
