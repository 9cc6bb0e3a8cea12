package io.caskade.server.partition;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.PartitionState;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes this node's copies of partitions that are assigned to other nodes, once all of those are in sync: a
/// copy stops, waits until its lease grants have ended, and is closed and deleted if the stored state still has
/// no need of it.
///
/// Thread-safe.
final class CopyDeletions {

    private static final Logger LOG = LoggerFactory.getLogger(CopyDeletions.class);

    /// Has the copies. Thread-safe.
    interface Host {
        /// The partition's copy, null when it is not open.
        @Nullable
        HostedPartition copy(int partition);

        /// Closes a copy. May block.
        void close(int partition, HostedPartition copy) throws IOException;

        /// Forgets why the copy was not open: it is deleted, or will be opened again.
        void forgetProblem(int partition);

        /// Opens the copy if the newest image assigns it to this node.
        void openIfAssigned(int partition);

        /// Has the newest image looked at again.
        void lookAgain(int partition);
    }

    /// A copy that has stopped.
    ///
    /// @param copy null when this process has not opened it
    /// @param dueAt when its last lease grant has ended, by the monotonic clock
    private record Stopped(@Nullable HostedPartition copy, long dueAt) {}

    private final String node;
    private final Host host;
    private final CopySlots slots;
    private final CopyRemover remover;
    private final Executor workers;
    private final ClockSource clock;
    private final long grantMillis;
    private final long startedAt;

    /// Partitions of other nodes of which this one's disk has nothing.
    private final Set<Integer> absent = ConcurrentHashMap.newKeySet();

    /// Copies that are deleted once their leaders cannot take them for alive any more.
    private final Map<Integer, Stopped> awaitingGrants = new ConcurrentHashMap<>();

    private volatile boolean stopping;

    /// @param workers runs tasks that may wait for the disk
    /// @param grantMillis how long a lease grant of this node may hold, or of an earlier process of it
    CopyDeletions(
            String node,
            Host host,
            CopySlots slots,
            CopyRemover remover,
            Executor workers,
            ClockSource clock,
            long grantMillis) {
        this.node = node;
        this.host = host;
        this.slots = slots;
        this.remover = remover;
        this.workers = workers;
        this.clock = clock;
        this.grantMillis = grantMillis;
        this.startedAt = clock.now().monotonic();
    }

    /// Deletes the copy of a partition that is not assigned to this node, if it may.
    void deleteIfUnneeded(PartitionState state, ClusterImage image) {
        if (isUnneeded(state, image) && slots.takeToDelete(state.id())) {
            begin(state.id());
        }
    }

    /// That other copies are in sync is not enough where no node leads: whether they still exist shows only
    /// then.
    private boolean isUnneeded(PartitionState state, ClusterImage image) {
        boolean led = state.epoch() == 0 || image.leaderOf(state.id()).isPresent();
        return !stopping && led && state.isSafeWithout(node) && !absent.contains(state.id());
    }

    /// A copy is about to be opened.
    void opening(int partition) {
        absent.remove(partition);
    }

    /// Deletes what is due, and tries again what has failed. Called about once a second.
    void check(long now) {
        retry();
        deleteWhatIsDue(now);
    }

    /// Deletes nothing more.
    void stop() {
        stopping = true;
    }

    /// The copy stops, and the state is read once more when its last lease grant has ended. A leader adds no
    /// copy to the ISR that it has not heard from for so long, so the copy cannot join in a state newer than
    /// the one read.
    private void begin(int id) {
        HostedPartition copy = host.copy(id);
        if (copy != null) {
            var _ = copy.stop().whenComplete((_, failure) -> {
                if (failure == null) {
                    awaitingGrants.put(id, new Stopped(copy, clock.now().monotonic() + grantMillis));
                } else {
                    failed(id, failure);
                }
            });
            return;
        }
        workers.execute(() -> {
            try {
                if (remover.exists(id)) {
                    awaitingGrants.put(id, new Stopped(null, startedAt + grantMillis));
                } else {
                    end(id, true);
                }
            } catch (IOException e) {
                failed(id, e);
            }
        });
    }

    private void deleteWhatIsDue(long now) {
        awaitingGrants.forEach((id, stopped) -> {
            if (!stopping && now >= stopped.dueAt() && awaitingGrants.remove(id, stopped)) {
                readAndDelete(id, stopped.copy());
            }
        });
    }

    private void readAndDelete(int id, @Nullable HostedPartition copy) {
        CompletionStage<@Nullable Void> now = CompletableFuture.completedStage(null);
        var _ = now.thenCompose(_ -> remover.read(id)).whenComplete((state, failure) -> {
            if (state != null) {
                workers.execute(() -> closeAndDelete(id, copy, state.value()));
            } else {
                failed(id, failure);
            }
        });
    }

    /// Closes the copy, and deletes it unless it is needed again.
    private void closeAndDelete(int id, @Nullable HostedPartition copy, PartitionState state) {
        if (stopping) {
            return;
        }
        try {
            if (copy != null) {
                host.close(id, copy);
            }
            boolean safe = state.isSafeWithout(node);
            if (safe) {
                remover.delete(id);
                LOG.info("partition {}: deleted the copy: {} keep the partition, all in sync", id, state.replicas());
            }
            end(id, safe);
        } catch (IOException | RuntimeException e) {
            failed(id, e);
        }
    }

    private void end(int id, boolean isGone) {
        host.forgetProblem(id);
        if (isGone) {
            absent.add(id);
        }
        slots.endDeletion(id, isGone);
        host.openIfAssigned(id);
    }

    private void failed(int id, @Nullable Throwable cause) {
        LOG.warn("partition {}: the copy is not needed any more and could not be deleted, trying again", id, cause);
        slots.keepUnfinished(id);
    }

    private void retry() {
        for (int id : slots.unfinished()) {
            if (stopping) {
                return;
            }
            switch (slots.takeUnfinished(id)) {
                case NONE -> {}
                case BEGUN -> begin(id);
                case WANTED -> host.lookAgain(id);
            }
        }
    }
}
