package io.caskade.server.partition;

import io.caskade.server.cluster.BootstrapData;
import io.caskade.server.cluster.CasResult;
import io.caskade.server.cluster.ControllerEpoch;
import io.caskade.server.cluster.ControllerWrite;
import io.caskade.server.cluster.ControllerWriteResult;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A coordinator that keeps the state of one partition in memory, for tests of one node's parts. Outlives the
/// node.
public class SolitaryCoordinator implements Coordinator {

    private final List<Consumer<Versioned<PartitionState>>> watchers = new CopyOnWriteArrayList<>();
    private final Set<String> draining = new HashSet<>();
    private Versioned<PartitionState> state;
    private @Nullable String refusal;

    public SolitaryCoordinator(PartitionState first) {
        state = new Versioned<>(first, 0);
    }

    /// Has each new state told.
    void watch(Consumer<Versioned<PartitionState>> watcher) {
        watchers.add(watcher);
    }

    /// Makes no change of the state from now on, for a reason; null ends it.
    synchronized void refuse(@Nullable String reason) {
        refusal = reason;
    }

    public synchronized Versioned<PartitionState> state() {
        return state;
    }

    @Override
    public CompletionStage<Versioned<PartitionState>> read(int partition) {
        return CompletableFuture.completedStage(state());
    }

    @Override
    public synchronized CompletionStage<CasResult> compareAndSet(int expectedVersion, PartitionState next) {
        if (refusal != null) {
            return CompletableFuture.completedStage(new CasResult.NotDone(refusal));
        }
        if (expectedVersion != state.version()) {
            return CompletableFuture.completedStage(new CasResult.Lost(state));
        }
        state = new Versioned<>(next, expectedVersion + 1);
        watchers.forEach(watcher -> watcher.accept(state));
        return CompletableFuture.completedStage(new CasResult.Won(state.version()));
    }

    @Override
    public CompletionStage<BootstrapData> bootstrap(BootstrapData proposed) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Optional<BootstrapData>> lookUp() {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Void> register(NodeInfo self) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Void> unregister() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void subscribe(Observer observer) {
        throw new UnsupportedOperationException();
    }

    @Override
    public synchronized CompletionStage<Void> setDraining(String node, boolean drains) {
        if (drains) {
            draining.add(node);
        } else {
            draining.remove(node);
        }
        return CompletableFuture.completedStage(null);
    }

    /// The nodes that are marked.
    public synchronized Set<String> draining() {
        return Set.copyOf(draining);
    }

    @Override
    public void schedule(Duration delay, Runnable task) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void joinControllerElection(String node, ControllerCandidate candidate) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Void> leaveControllerElection() {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<ControllerWriteResult> write(ControllerEpoch epoch, List<ControllerWrite> writes) {
        throw new UnsupportedOperationException();
    }
}
