package io.caskade.client.call;

import com.google.protobuf.MessageLite;
import io.caskade.client.routing.ClusterMetadataCache;
import io.caskade.client.routing.Route;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/// Where the attempts of one call go, and what each of them sends. Attempts follow one another, so
/// implementations need no lock.
///
/// @param <Q> the request
public interface Attempts<Q extends MessageLite> {

    /// All attempts ask the leader, and send the same.
    ///
    /// @param route finds the leader; called for each attempt
    static <Q extends MessageLite> Attempts<Q> atLeader(
            Q request, Function<ClusterMetadataCache, CompletableFuture<Route>> route) {
        return new LeaderAttempts<>(request, route);
    }

    /// About how many bytes a request has.
    int requestBytes();

    /// Finds the node for the next attempt.
    CompletableFuture<Route> nextRoute(ClusterMetadataCache directory);

    /// What is sent to a node.
    ///
    /// @param timeout how long the attempt may take
    Q request(Route route, Duration timeout);

    /// How many other nodes can be asked at once if the one that was found last does not answer.
    int alternatives();
}
