package io.caskade.server.listener.http;

/// Finds what a request asks for. Thread-safe.
final class Router {

    private static final String KEYS = "/v1/kv";
    private static final String KEY = KEYS + "/";
    private static final String STORE_KEY = "/kv-store/keys/";
    private static final String SHARDS = "/kv-store/shards";
    private static final String SHARD = SHARDS + "/";

    private final KeyResource key;
    private final KeysResource keys;
    private final StoreKeyResource storeKey;
    private final ShardResources shards;
    private final ViewChangeResource view;
    private final StatusResources status;

    Router(
            KeyResource key,
            KeysResource keys,
            StoreKeyResource storeKey,
            ShardResources shards,
            ViewChangeResource view,
            StatusResources status) {
        this.key = key;
        this.keys = keys;
        this.storeKey = storeKey;
        this.shards = shards;
        this.view = view;
        this.status = status;
    }

    /// The operation of a request.
    ///
    /// @throws HttpFailure when there is no such resource or method, or the request is malformed
    Operation route(Request request) {
        String path = request.target().path();
        if (path.startsWith(KEY)) {
            return key.operation(request, RequestTarget.decode(path.substring(KEY.length())));
        }
        if (path.startsWith(STORE_KEY)) {
            return storeKey.operation(request, RequestTarget.decode(path.substring(STORE_KEY.length())));
        }
        if (path.startsWith(SHARD)) {
            return shards.shard(request, path.substring(SHARD.length()));
        }
        return switch (path) {
            case KEYS -> keys.operation(request);
            case SHARDS -> shards.shards(request);
            case "/kv-store/view-change" -> view.operation(request);
            case "/kv-store/key-count" -> shards.keyCount(request);
            case "/healthz" -> status.health(request);
            case "/readyz" -> status.readiness(request);
            case "/metrics" -> status.metrics(request);
            case "/openapi.json" -> status.openApi(request);
            default ->
                throw new HttpFailure(
                        ErrorCode.NOT_FOUND,
                        "nothing is here; there are /v1/kv/{key}, /v1/kv, /kv-store/keys/{key}, /kv-store/key-count,"
                                + " /kv-store/shards, /kv-store/shards/{id}, /kv-store/view-change, /healthz, /readyz, /metrics and"
                                + " /openapi.json");
        };
    }
}
