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
import io.caskade.server.transport.Messenger;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hosts this node's partitions: opens each when an image assigns it, passes every change of state on, and
/// deletes a copy that is assigned to other nodes once all of those are in sync.
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

        /// The copy is about to be closed, while its node goes on.
        default void closed(int partition) {}
    }

    private final String node;
    private final OpenListener listener;
    private final Opener opener;
    private final Messenger messenger;
    private final Executor workers;
    private final ClockSource clock;
    private final long openRetryMillis;
    private final boolean syncBeforeAck;
    private final CopySlots slots = new CopySlots();
    private final CopyDeletions deletions;
    private final Map<Integer, HostedPartition> hosted = new ConcurrentHashMap<>();

    /// When openings failed that are tried again, by the monotonic clock.
    private final Map<Integer, Long> failedAt = new ConcurrentHashMap<>();

    /// Why copies are not open.
    private final Map<Integer, String> problems = new ConcurrentHashMap<>();

    /// Damaged copies that are set aside once a leader whose copy is whole is heard from.
    private final Set<Integer> awaitingWholeLeader = ConcurrentHashMap.newKeySet();

    private final Map<Integer, CompletableFuture<Void>> readiness = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> ready;
    private final CompletableFuture<Void> failed = new CompletableFuture<>();

    private volatile @Nullable ClusterImage newest;
    private volatile boolean stopping;

    /// Used by [#check] alone.
    private long spaceRefreshedAt;

    /// Starts without copies.
    ///
    /// @param node this node's id
    /// @param partitions how many the cluster has
    /// @param remover deletes copies
    /// @param messenger answers for damaged copies that are not open
    /// @param workers runs tasks that may wait for the disk
    /// @param openRetryMillis the delay before a failed opening is retried
    /// @param grantMillis how long a lease grant of this node may hold, or of an earlier process of it
    /// @param syncBeforeAck whether copies sync before they acknowledge: otherwise another in-sync copy may
    ///     have lost what a damaged one still has
    public ReplicaManager(
            String node,
            int partitions,
            OpenListener listener,
            Opener opener,
            CopyRemover remover,
            Messenger messenger,
            Executor workers,
            ClockSource clock,
            long openRetryMillis,
            long grantMillis,
            boolean syncBeforeAck) {
        this.node = node;
        this.listener = listener;
        this.opener = opener;
        this.messenger = messenger;
        this.workers = workers;
        this.clock = clock;
        this.openRetryMillis = openRetryMillis;
        this.syncBeforeAck = syncBeforeAck;
        this.deletions = new CopyDeletions(node, new DeletedCopies(), slots, remover, workers, clock, grantMillis);
        IntStream.range(0, partitions).forEach(id -> readiness.put(id, new CompletableFuture<>()));
        this.ready = CompletableFuture.allOf(readiness.values().stream()
                        .map(each -> each.handle((_, _) -> null))
                        .toArray(CompletableFuture[]::new))
                .thenCompose(_ -> outcome());
    }

    /// Completes when all partitions exist and those of this node serve, stream from their leaders, or have
    /// failed; fails with a [CopyUnavailableException] when all of this node's have failed.
    public CompletionStage<Void> ready() {
        return ready.copy();
    }

    /// One damaged copy must not take the others off the cluster.
    private CompletableFuture<Void> outcome() {
        List<CompletableFuture<Void>> failures = readiness.values().stream()
                .filter(CompletableFuture::isCompletedExceptionally)
                .toList();
        boolean anyAvailable = readiness.entrySet().stream()
                .anyMatch(each -> isAssigned(each.getKey()) && !each.getValue().isCompletedExceptionally());
        return failures.isEmpty() || anyAvailable ? CompletableFuture.completedFuture(null) : failures.getFirst();
    }

    private boolean isAssigned(int id) {
        return state(id).filter(state -> state.value().isReplica(node)).isPresent();
    }

    /// Completes, only exceptionally, when this process must end.
    public CompletionStage<Void> failure() {
        return failed.copy();
    }

    @Override
    public void imageChanged(ClusterImage image) {
        newest = image;
        image.partitions().forEach((id, state) -> onState(id, state, image));
    }

    private void onState(int id, Versioned<PartitionState> state, ClusterImage image) {
        boolean assigned = state.value().isReplica(node);
        if (assigned && !stopping && slots.takeToOpen(id)) {
            beginOpening(id, false);
            return;
        }
        // Also when the partition is no longer assigned: a leader must learn that it was deposed.
        deliverState(id, state);
        if (!assigned) {
            readyFuture(id).complete(null);
            deletions.deleteIfUnneeded(state.value(), image);
        }
    }

    private void beginOpening(int id, boolean setAside) {
        if (!slots.beginOpening(id)) {
            return;
        }
        deletions.opening(id);
        workers.execute(() -> {
            try {
                open(id, setAside);
            } finally {
                slots.endOpening(id);
                // Images that arrived while the copy was being opened did not reach it.
                lookAgain(id);
            }
        });
    }

    private void lookAgain(int id) {
        image().ifPresent(image -> image.partition(id).ifPresent(state -> onState(id, state, image)));
    }

    @Override
    public void onMessage(NodeIncarnation sender, int partition, Message message) {
        HostedPartition copy = hosted.get(partition);
        if (copy != null) {
            copy.onMessage(sender, message);
        } else if (awaitingWholeLeader.contains(partition)) {
            switch (message) {
                case Message.Heartbeat heartbeat -> replaceIfLeaderIsWhole(sender, partition, heartbeat);
                case Message.PreVoteRequest request -> answerForDamagedCopy(sender, partition, request);
                default -> {}
            }
        }
    }

    /// Supports the node that wants to lead: without a leader the damaged copy would wait for ever, and a copy
    /// that needs another one alive would not campaign. It answers as the copy in sync that it is, so that one
    /// that cannot prove what it holds still waits for it.
    private void answerForDamagedCopy(NodeIncarnation sender, int id, Message.PreVoteRequest request) {
        state(id)
                .map(Versioned::value)
                .ifPresent(state -> state.isr().stream()
                        .filter(copy -> copy.node().equals(node))
                        .findFirst()
                        .ifPresent(copy -> messenger.send(
                                sender.node(),
                                id,
                                new Message.PreVoteResponse(state.epoch(), request.round(), copy, false, 0, 0))));
    }

    private void replaceIfLeaderIsWhole(NodeIncarnation sender, int id, Message.Heartbeat heartbeat) {
        boolean leads = isAssigned(id)
                && state(id)
                        .map(Versioned::value)
                        .filter(state -> sender.equals(state.leader()) && state.epoch() == heartbeat.epoch())
                        .isPresent();
        if (leads && !heartbeat.damaged() && !stopping && awaitingWholeLeader.remove(id)) {
            LOG.warn("partition {}: setting the damaged copy aside and starting an empty one", id);
            beginOpening(id, true);
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

    private void open(int id, boolean setAside) {
        try {
            HostedPartition partition = opener.open(id, setAside);
            problems.remove(id);
            partition.ready().whenComplete((_, failure) -> {
                if (failure == null) {
                    readyFuture(id).complete(null);
                } else {
                    readyFuture(id).completeExceptionally(failure);
                }
            });
            hosted.put(id, partition);
            listener.opened(id, partition.commands());
            if (stopping) {
                var _ = partition.stop();
            }
        } catch (DamagedLogException e) {
            onDamaged(id, e);
        } catch (IOException e) {
            String reason = String.valueOf(e.getMessage());
            if (!reason.equals(problems.get(id))) {
                LOG.error("partition {}: cannot be opened, trying again: {}", id, reason);
            }
            failedAt.put(id, clock.now().monotonic());
            openFailed(id, reason, e);
        } catch (RuntimeException | Error e) {
            LOG.error("partition {}: cannot be opened: unexpected failure", id, e);
            failedAt.put(id, clock.now().monotonic());
            openFailed(id, "cannot be opened: " + e, e);
        }
    }

    /// A damaged copy is replaced only when a leader of the partition is heard from that knows of no damage in
    /// its own copy: that another is named in sync does not mean that it still exists. Under a relaxed
    /// durability the others may have lost what this one still has.
    private void onDamaged(int id, DamagedLogException damage) {
        boolean replaceable = syncBeforeAck
                && state(id).stream().anyMatch(state -> state.value().hasOtherInSyncCopy(node));
        if (replaceable) {
            LOG.error(
                    "partition {}: copy damaged, kept until a leader with a whole copy is heard from: {}",
                    id,
                    damage.getMessage());
            problems.put(id, "damaged, and kept until another copy is known to be whole: " + damage.getMessage());
            awaitingWholeLeader.add(id);
            readyFuture(id).complete(null);
        } else {
            LOG.error("partition {}: copy damaged, no other is in sync: {}", id, damage.getMessage());
            openFailed(id, String.valueOf(damage.getMessage()), damage);
        }
    }

    /// Ends the node's start when no other copy can be opened either.
    private void openFailed(int id, String reason, Throwable cause) {
        problems.put(id, reason);
        readyFuture(id).completeExceptionally(new CopyUnavailableException("partition " + id + ": " + reason, cause));
    }

    private void retryOpening(long now) {
        failedAt.forEach((id, at) -> {
            if (isAssigned(id) && !stopping && now - at >= openRetryMillis && failedAt.remove(id, at)) {
                beginOpening(id, false);
            }
        });
    }

    private Optional<Versioned<PartitionState>> state(int id) {
        return image().flatMap(known -> known.partition(id));
    }

    /// Whether this node's copy of a partition leads, and its lease has not expired.
    public boolean holdsLease(int partition) {
        HostedPartition copy = hosted.get(partition);
        return copy != null && copy.holdsLease();
    }

    /// All open partitions.
    public Collection<HostedPartition> all() {
        return hosted.values();
    }

    /// The newest image, once there is one.
    public Optional<ClusterImage> image() {
        return Optional.ofNullable(newest);
    }

    /// The status of each copy, those included that cannot be opened.
    public List<CompletableFuture<CopyStatus>> statuses() {
        Stream<CompletableFuture<CopyStatus>> unopened = problems.entrySet().stream()
                .filter(problem -> isAssigned(problem.getKey()))
                .map(problem ->
                        CompletableFuture.completedFuture(CopyStatus.unopened(problem.getKey(), problem.getValue())));
        Stream<CompletableFuture<CopyStatus>> open = hosted.entrySet().stream()
                .map(partition ->
                        partition.getValue().status(state(partition.getKey()).map(Versioned::value)));
        return Stream.concat(unopened, open).toList();
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
        deletions.check(now);
        if (now - spaceRefreshedAt >= SPACE_REFRESH_MILLIS) {
            spaceRefreshedAt = now;
            hosted.values().forEach(HostedPartition::refreshSpace);
        }
    }

    /// Opens and deletes nothing more, and stops all copies in [turns][StaggeredStop]. Completes when no
    /// request is in flight.
    ///
    /// @param availableMillis what the node has for it
    public CompletionStage<Void> stop(long availableMillis) {
        stopping = true;
        deletions.stop();
        return StaggeredStop.of(hosted.values(), availableMillis);
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

    /// The copies as their deletion sees them.
    private final class DeletedCopies implements CopyDeletions.Host {

        @Override
        public @Nullable HostedPartition copy(int partition) {
            return hosted.get(partition);
        }

        @Override
        public void close(int partition, HostedPartition copy) throws IOException {
            listener.closed(partition);
            hosted.remove(partition, copy);
            copy.release();
        }

        @Override
        public void forgetProblem(int partition) {
            problems.remove(partition);
            failedAt.remove(partition);
            awaitingWholeLeader.remove(partition);
        }

        @Override
        public void openIfAssigned(int partition) {
            if (isAssigned(partition)) {
                lookAgain(partition);
            }
        }

        @Override
        public void lookAgain(int partition) {
            ReplicaManager.this.lookAgain(partition);
        }
    }
}
