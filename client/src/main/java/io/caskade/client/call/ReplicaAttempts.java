package io.caskade.client.call;

import com.google.protobuf.MessageLite;
import io.caskade.api.CausalContext;
import io.caskade.api.v1.CausalRead;
import io.caskade.api.v1.Positions;
import io.caskade.api.v1.ReadMode;
import io.caskade.client.routing.ClusterMetadataCache;
import io.caskade.client.routing.Route;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Attempts of a read that any replica may answer. Each asks another replica of the key's partition, the leader
/// after the followers that are in sync, until all were asked; then they begin again.
///
/// @param <Q> the request
public final class ReplicaAttempts<Q extends MessageLite> implements Attempts<Q> {

    private static final ReadMode EVENTUAL =
            ReadMode.newBuilder().setEventual(true).build();

    private final byte[] key;
    private final @Nullable CausalContext context;
    private final Function<ReadMode, Q> request;
    private final Queue<Route> untried = new ArrayDeque<>();

    /// @param context what a causal read must not fall behind; null for an eventual one
    /// @param request makes the request of a mode
    public ReplicaAttempts(byte[] key, @Nullable CausalContext context, Function<ReadMode, Q> request) {
        this.key = key.clone();
        this.context = context;
        this.request = request;
    }

    @Override
    public int requestBytes() {
        return request.apply(EVENTUAL).getSerializedSize();
    }

    @Override
    public CompletableFuture<Route> nextRoute(ClusterMetadataCache directory) {
        if (!untried.isEmpty()) {
            return CompletableFuture.completedFuture(untried.remove());
        }
        return directory.replicaRoutesForKey(key).thenApply(routes -> {
            untried.addAll(routes);
            return untried.remove();
        });
    }

    /// A replica that is behind waits for half of the attempt's time, so that its refusal arrives in time.
    @Override
    public Q request(Route route, Duration timeout) {
        if (context == null) {
            return request.apply(EVENTUAL);
        }
        CausalRead.Builder causal =
                CausalRead.newBuilder().setMaxWaitMs(Math.toIntExact(Math.max(1, timeout.toMillis() / 2)));
        context.position(route.partitionId())
                .ifPresent(position -> causal.setContext(Positions.newBuilder().addPositions(position)));
        return request.apply(ReadMode.newBuilder().setCausal(causal).build());
    }

    @Override
    public int alternatives() {
        return untried.size();
    }
}
