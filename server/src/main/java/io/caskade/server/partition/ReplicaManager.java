package io.caskade.server.partition;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.ResourceExhaustedException;
import io.caskade.server.admin.CopyStatus;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.NodeIdTakenException;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.loop.EventLoop;
import io.caskade.server.replica.Message;
import io.caskade.server.transport.MessageReceiver;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hosts this node's partitions: opens each when an image assigns it, and passes every change of state on.
///
/// Dispatches other replicas' messages. The observer's methods run on the coordinator's thread; the rest is
/// thread-safe.
public final class ReplicaManager implements Coordinator.Observer, MessageReceiver {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaManager.class);

    /// How often a full disk is looked at again.
    private static final long SPACE_REFRESH_MILLIS = 1_000;

    /// Opens this node's copy of a partition; may block.
    @FunctionalInterface
    public interface Opener {
        /// Opens it.
        ///
        /// @param setAside whether to set the existing, damaged copy aside first
        HostedPartition open(int partition, boolean setAside) throws IOException;
    }

    /// Called for each opened copy, before any client can reach it.
    @FunctionalInterface
    public interface OpenListener {
        /// It accepts commands from now on.
        void opened(int partition, CommandExecutor commands);
    }

    private final String node;
    private final OpenListener listener;
    private final Opener opener;
    private final Executor workers;
    private final ClockSource clock;
    private final long openRetryMillis;
    private final boolean syncBeforeAck;
    private final Map<Integer, HostedPartition> hosted = new ConcurrentHashMap<>();

    /// When openings failed, by the monotonic clock.
    private final Map<Integer, Long> failedAt = new ConcurrentHashMap<>();

    private final Map<Integer, CompletableFuture<Void>> readiness = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> ready;
    private final CompletableFuture<Void> failed = new CompletableFuture<>();

    /// Coordinator thread only.
    private final Set<Integer> everOpened = new HashSet<>();

    private volatile @Nullable ClusterImage newest;
    private volatile boolean stopping;

    /// Used by [#check] alone.
    private long spaceRefreshedAt;

    /// Starts without copies.
    ///
    /// @param node this node's id
    /// @param partitions how many the cluster has
    /// @param workers runs tasks that may wait for the disk
    /// @param openRetryMillis the delay before a failed opening is retried
    /// @param syncBeforeAck whether copies sync before they acknowledge: otherwise another in-sync copy may
    ///     have lost what a damaged one still has
    public ReplicaManager(
            String node,
            int partitions,
            OpenListener listener,
            Opener opener,
            Executor workers,
            ClockSource clock,
            long openRetryMillis,
            boolean syncBeforeAck) {
        this.node = node;
        this.listener = listener;
        this.opener = opener;
        this.workers = workers;
        this.clock = clock;
        this.openRetryMillis = openRetryMillis;
        this.syncBeforeAck = syncBeforeAck;
        IntStream.range(0, partitions).forEach(id -> readiness.put(id, new CompletableFuture<>()));
        this.ready = CompletableFuture.allOf(readiness.values().toArray(CompletableFuture[]::new));
    }

    /// Completes when all partitions exist and those of this node serve or stream from their leaders; fails
    /// with a [CopyUnavailableException] when one never will.
    public CompletionStage<Void> ready() {
        return ready.copy();
    }

    /// Completes, only exceptionally, when this process must end.
    public CompletionStage<Void> failure() {
        return failed.copy();
    }

    @Override
    public void imageChanged(ClusterImage image) {
        newest = image;
        image.partitions().forEach((id, state) -> {
            boolean assigned = state.value().isReplica(node);
            if (assigned && !stopping && everOpened.add(id)) {
                workers.execute(() -> open(id));
            } else {
                // Also when the partition is no longer assigned: a leader must learn that it was deposed.
                deliverState(id, state);
            }
            if (!assigned) {
                readyFuture(id).complete(null);
            }
        });
    }

    @Override
    public void onMessage(NodeIncarnation sender, int partition, Message message) {
        HostedPartition copy = hosted.get(partition);
        if (copy != null) {
            copy.onMessage(sender, message);
        }
    }

    @Override
    public void onDisconnected(String lostNode) {
        hosted.values().forEach(partition -> partition.onDisconnected(lostNode));
    }

    @Override
    public void registrationRefused(NodeIdTakenException refusal) {
        failed.completeExceptionally(refusal);
    }

    private CompletableFuture<Void> readyFuture(int id) {
        return readiness.computeIfAbsent(id, _ -> new CompletableFuture<>());
    }

    private void deliverState(int id, Versioned<PartitionState> state) {
        HostedPartition partition = hosted.get(id);
        if (partition != null) {
            partition.stateChanged(state);
        }
    }

    private void open(int id) {
        try {
            HostedPartition partition = openOrReplace(id);
            partition.ready().whenComplete((_, failure) -> {
                if (failure == null) {
                    readyFuture(id).complete(null);
                } else {
                    readyFuture(id).completeExceptionally(failure);
                }
            });
            hosted.put(id, partition);
            listener.opened(id, partition.commands());
            // Images that arrived while the copy was being opened did not reach it.
            state(id).ifPresent(partition::stateChanged);
        } catch (IOException e) {
            LOG.error("partition {}: cannot be opened: {}", id, e.getMessage());
            openFailed(id, new CopyUnavailableException("partition " + id + ": " + e.getMessage(), e));
        } catch (RuntimeException | Error e) {
            LOG.error("partition {}: cannot be opened: unexpected failure", id, e);
            openFailed(id, new CopyUnavailableException("partition " + id + ": cannot be opened: " + e, e));
        }
    }

    /// A damaged copy is replaced if other copies are in sync and are certain to have what it lacks.
    private HostedPartition openOrReplace(int id) throws IOException {
        try {
            return opener.open(id, false);
        } catch (DamagedLogException e) {
            if (!syncBeforeAck || !hasOtherInSyncCopy(id)) {
                throw e;
            }
            LOG.error("partition {}: copy damaged, setting it aside: {}", id, e.getMessage());
            return opener.open(id, true);
        }
    }

    private boolean hasOtherInSyncCopy(int id) {
        return state(id).stream().anyMatch(state -> state.value().hasOtherInSyncCopy(node));
    }

    /// Fatal during the node's start; retried later once it has started.
    private void openFailed(int id, CopyUnavailableException failure) {
        failedAt.put(id, clock.now().monotonic());
        readyFuture(id).completeExceptionally(failure);
    }

    private void retryOpening(long now) {
        failedAt.forEach((id, at) -> {
            boolean assigned =
                    state(id).filter(state -> state.value().isReplica(node)).isPresent();
            if (assigned && !stopping && now - at >= openRetryMillis && failedAt.remove(id, at)) {
                workers.execute(() -> open(id));
            }
        });
    }

    private Optional<Versioned<PartitionState>> state(int id) {
        return image().flatMap(known -> known.partition(id));
    }

    /// All open partitions.
    public Collection<HostedPartition> all() {
        return hosted.values();
    }

    /// The newest image, once there is one.
    public Optional<ClusterImage> image() {
        return Optional.ofNullable(newest);
    }

    /// The status of each copy.
    public List<CompletableFuture<CopyStatus>> statuses() {
        return hosted.entrySet().stream()
                .map(partition ->
                        partition.getValue().status(state(partition.getKey()).map(Versioned::value)))
                .toList();
    }

    /// Passes a tick to all partitions, and checks what need not be checked as often. Called a few times per
    /// second where [#tick(EventLoop)] and [#check()] are not.
    public void tick() {
        check();
        long now = clock.now().monotonic();
        hosted.values().forEach(partition -> partition.tick(now));
    }

    /// Passes a tick to the partitions of one loop. Called by that loop, a few times per second.
    public void tick(EventLoop loop) {
        long now = clock.now().monotonic();
        for (HostedPartition partition : hosted.values()) {
            if (partition.loop().equals(loop)) {
                partition.tick(now);
            }
        }
    }

    /// Tries again to open what did not open, and looks again at a full disk. Called about once a second.
    public void check() {
        long now = clock.now().monotonic();
        retryOpening(now);
        if (now - spaceRefreshedAt >= SPACE_REFRESH_MILLIS) {
            spaceRefreshedAt = now;
            hosted.values().forEach(HostedPartition::refreshSpace);
        }
    }

    /// Accepts no new requests; completes when those in flight are answered.
    public CompletionStage<Void> stop() {
        stopping = true;
        return CompletableFuture.allOf(hosted.values().stream()
                .map(partition -> partition.stop().toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    }

    /// Closes all files. The loops and the workers must have been stopped. Where there is no room to mark a
    /// copy as closed, its next opening takes longer, and nothing is lost.
    public void close() throws IOException {
        IOException first = null;
        for (Map.Entry<Integer, HostedPartition> partition : hosted.entrySet()) {
            try {
                partition.getValue().close();
            } catch (ResourceExhaustedException e) {
                LOG.warn(
                        "partition {}: closed, but not marked so; its next opening recovers it as after a crash: {}",
                        partition.getKey(),
                        e.getMessage());
            } catch (IOException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
