package io.caskade.client.call;

import com.google.protobuf.MessageLite;
import io.caskade.client.routing.ClusterMetadataCache;
import io.caskade.client.routing.Route;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/// Attempts that all ask the leader.
///
/// @param request what each of them sends
/// @param route   finds the leader
/// @param <Q> the request
record LeaderAttempts<Q extends MessageLite>(Q request, Function<ClusterMetadataCache, CompletableFuture<Route>> route)
        implements Attempts<Q> {

    @Override
    public int requestBytes() {
        return request.getSerializedSize();
    }

    @Override
    public CompletableFuture<Route> nextRoute(ClusterMetadataCache directory) {
        return route.apply(directory);
    }

    @Override
    public Q request(Route node, Duration timeout) {
        return request;
    }

    @Override
    public int alternatives() {
        return 0;
    }
}
