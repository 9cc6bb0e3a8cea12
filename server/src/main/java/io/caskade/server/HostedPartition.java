package io.caskade.server;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.ScrubReport;
import io.caskade.bitcask.disk.DiskReserve;
import io.caskade.bitcask.hint.HintWriter;
import io.caskade.bitcask.log.LogMerge;
import io.caskade.bitcask.store.CopyDirectory;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.copy.CopyBounds;
import io.caskade.bitcask.store.merge.Maintenance;
import io.caskade.bitcask.store.merge.MergeRunner;
import io.caskade.bitcask.store.merge.Scrub;
import io.caskade.server.admin.CopyStatus;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.command.InFlightKeys;
import io.caskade.server.loop.EventLoop;
import io.caskade.server.replica.Event;
import io.caskade.server.replica.Message;
import io.caskade.server.replica.RecoveredCopy;
import io.caskade.server.replica.Replica;
import io.caskade.server.replica.ReplicaOptions;
import io.caskade.server.replica.Role;
import io.caskade.server.replica.Timeouts;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One partition's copy on this node: its store, its replica, and the way to it, made together and closed
/// together.
///
/// Safe for use by any thread.
final class HostedPartition {

    /// After this long without a write the last ones are named by a MARK, so that damage to them is told from a
    /// torn write.
    private static final long IDLE_MARK_MILLIS = 1000;

    /// A copy that is further behind is fed again.
    private static final long MAX_KEPT_REMOVALS = 10_000_000;

    /// So many bytes of messages may wait for the loop.
    private static final long MAX_RECEIVED_BYTES = 8 << 20;

    /// What a message takes beside its batches, about.
    private static final long MESSAGE_BYTES = 256;

    private static final Logger LOG = LoggerFactory.getLogger(HostedPartition.class);

    private final int id;
    private final CopyDirectory copies;
    private final Executor workers;
    private final DiskReserve reserve;
    private final ReplicaShell shell;

    /// For the loop alone.
    private final Replica replica;

    private final PartitionCommands commands;
    private final EventLoop loop;
    private final Durability durability;
    private final Duration syncInterval;
    private final Keeping keeping;
    private final OwedBytes received = new OwedBytes(MAX_RECEIVED_BYTES);

    private volatile @Nullable PartitionState newest;

    /// Whether copies may be left that were set aside.
    private volatile boolean hasSetAside = true;

    /// What is done to the copy that is open, beside the loop.
    private volatile Care care;

    // For the loop alone.
    private long lastSyncAt;
    private boolean hintUnderWay;

    /// How partitions are kept on this node.
    ///
    /// @param mergedRatio the part of a segment that must be of no use for it to be merged
    /// @param segmentBytes about how large a merged segment may become
    /// @param reserve what puts leave free of the disk, all partitions together
    /// @param timing how long copies wait for each other
    record Keeping(
            NodeIncarnation self,
            Durability durability,
            Duration syncInterval,
            long maxInFlightBytes,
            double mergedRatio,
            long segmentBytes,
            DiskReserve reserve,
            Timeouts timing) {}

    /// Merges and scrubs of one copy.
    private record Care(Store store, MergeRunner merging, Scrub scrub) {}

    /// Opens the copy. Blocks.
    HostedPartition(int id, CopyDirectory copies, Keeping keeping, ReplicaShell.Surroundings surroundings) throws IOException {
        this.id = id;
        this.copies = copies;
        this.keeping = keeping;
        this.workers = surroundings.workers();
        this.loop = surroundings.loop();
        this.durability = keeping.durability();
        this.syncInterval = keeping.syncInterval();
        Store store = copies.open();
        this.reserve = keeping.reserve();
        this.replica = new Replica(options(store, keeping), recovered(store));
        InFlightKeys inFlight = new InFlightKeys();
        this.shell = new ReplicaShell(id, copies, replica, surroundings, inFlight::commitUpTo, this::replaceBesideLoop);
        this.commands = new PartitionCommands(
                id,
                copies,
                shell,
                inFlight,
                loop,
                workers,
                surroundings.clock(),
                new OwedBytes(keeping.maxInFlightBytes()),
                keeping.reserve());
        this.care = careOf(store);
        loop.execute(() -> loop.join(shell::turnEnded));
    }

    private static ReplicaOptions options(Store store, Keeping keeping) {
        String node = keeping.self().node();
        return new ReplicaOptions(
                keeping.self(),
                new CopyId(node, store.id().toString()),
                store.formerIds().stream()
                        .map(former -> new CopyId(node, former.toString()))
                        .collect(Collectors.toSet()),
                keeping.durability() == Durability.SYNC,
                keeping.maxInFlightBytes(),
                IDLE_MARK_MILLIS,
                MAX_KEPT_REMOVALS,
                keeping.timing(),
                (long) keeping.self().incarnation().hashCode() << Integer.SIZE);
    }

    /// What a copy knows to be committed says nothing of one that is not whole: it may show older values.
    static RecoveredCopy recovered(Store store) {
        CopyBounds bounds = store.bounds();
        return new RecoveredCopy(
                store.epochs(),
                store.end(),
                store.durableEnd(),
                store.highWatermark() < bounds.completeFrom() ? 0 : store.highWatermark(),
                bounds.horizon(),
                bounds.completeFrom(),
                store.logTime());
    }

    private Care careOf(Store store) {
        MergeRunner merging = new MergeRunner(
                store,
                keeping.mergedRatio(),
                keeping.segmentBytes(),
                new MergeRunner.Dependencies(
                        "partition " + id,
                        this::onLoop,
                        shell::purgeHorizon,
                        System::nanoTime,
                        failure -> loop.execute(() -> shell.failed(store, failure))));
        return new Care(store, merging, new Scrub(store, "partition " + id, this::onLoop));
    }

    private void replaceBesideLoop() {
        workers.execute(() -> {
            try {
                replace();
                loop.execute(shell::replaced);
            } catch (IOException | RuntimeException e) {
                loop.execute(() -> shell.notReplaced(e));
            }
        });
    }

    /// The copy is closed only when no merge is at it any more.
    private void replace() throws IOException {
        Care old = care;
        care = careOf(old.merging().withoutMerges(() -> {
            onLoop(old.store()::close);
            return copies.replace();
        }));
        hasSetAside = true;
    }

    PartitionCommands commands() {
        return commands;
    }

    /// Completes when the partition serves or is fed by its leader for the first time; fails with a
    /// [StartupException] when it never will.
    CompletionStage<Void> settledIn() {
        return shell.settledIn();
    }

    void stateChanged(Versioned<PartitionState> state) {
        newest = state.value();
        shell.tell(new Event.StateSeen(state));
        if (hasSetAside) {
            workers.execute(this::deleteSetAside);
        }
    }

    /// A copy that was set aside may hold the last trace of something as long as the state names it in sync.
    private void deleteSetAside() {
        PartitionState state = newest;
        String node = keeping.self().node();
        if (state == null) {
            return;
        }
        try {
            hasSetAside = copies.deleteSetAside(aside -> state.isInSync(new CopyId(node, aside.toString())));
        } catch (IOException e) {
            LOG.warn("partition {}: a copy that was set aside cannot be deleted: {}", id, e.getMessage());
        }
    }

    /// What another node's copy has said. What comes faster than the loop takes it is dropped when it has too
    /// many bytes: whoever misses it asks again.
    void received(NodeIncarnation sender, Message message) {
        long bytes = message instanceof Message.AppendRecords append
                ? append.batches().bytes() + MESSAGE_BYTES
                : MESSAGE_BYTES;
        if (!received.take(bytes)) {
            return;
        }
        loop.execute(() -> {
            received.release(bytes);
            shell.step(new Event.Received(sender, message));
        });
    }

    /// All connections to a node are broken.
    void lost(String node) {
        shell.tell(new Event.PeerLost(node));
    }

    /// To be called a few times a second.
    ///
    /// @param monotonicMillis a clock that never goes back
    void tick(long monotonicMillis) {
        shell.tell(new Event.Ticked());
        loop.execute(this::writeHint);
        if (durability == Durability.INTERVAL) {
            loop.execute(() -> syncIfDue(monotonicMillis));
        }
    }

    private void syncIfDue(long monotonicMillis) {
        if (monotonicMillis - lastSyncAt >= syncInterval.toMillis()) {
            lastSyncAt = monotonicMillis;
            shell.syncInBackground();
        }
    }

    /// Has the next hint written, one at a time: it is for the next opening, and nothing waits for it.
    private void writeHint() {
        if (hintUnderWay) {
            return;
        }
        copies.current().nextHint().ifPresent(task -> {
            hintUnderWay = true;
            workers.execute(() -> {
                run(task);
                loop.execute(() -> hintUnderWay = false);
            });
        });
    }

    /// Merges what is worth it. Blocks; not for the loop, which must be running.
    void merge(LogMerge.Pacer pacer) {
        loop.execute(shell::tellExpiry);
        care.merging().mergeAutomatically(pacer);
    }

    /// Reads all full segments once and verifies them; damage is logged and counted. Blocks; not for the loop,
    /// which must be running.
    ///
    /// A damaged copy is set aside when another is in sync, which has what this one lacks. A lone one is not
    /// even fenced, unlike by a merge, which would have to leave records out: reads verify what they serve, and
    /// to refuse all writes because an old record decayed would make an outage of it.
    void scrub(LogMerge.Pacer pacer) {
        Care now = care;
        long before = now.scrub().report().damagedSegments();
        now.scrub().round(pacer);
        ScrubReport report = now.scrub().report();
        if (report.damagedSegments() > before && isAmongOthers()) {
            loop.execute(() -> shell.failed(now.store(), report.damage().getLast()));
        }
    }

    private boolean isAmongOthers() {
        PartitionState state = newest;
        String node = keeping.self().node();
        return state != null
                && state.inSync().stream().anyMatch(copy -> !copy.node().equals(node));
    }

    /// How the copy is, when the loop has said so.
    ///
    /// @param known the partition's state as the node knows it
    CompletableFuture<CopyStatus> status(Optional<PartitionState> known) {
        CompletableFuture<CopyStatus> status = new CompletableFuture<>();
        loop.execute(() -> {
            Store store = care.store();
            CopyId copy = replica.copy();
            String barred = replica.blockedReason();
            status.complete(new CopyStatus(
                    id,
                    copy.copy(),
                    shell.role(),
                    store.epochs().latest(),
                    store.end(),
                    durability == Durability.SYNC ? store.durableEnd() : store.end(),
                    store.highWatermark(),
                    known.filter(state -> state.isInSync(copy)).isPresent(),
                    reserve.isRefusing() || shell.isFull(),
                    shell.role() instanceof Role.Fenced(String reason, boolean _)
                            ? reason
                            : barred == null ? "" : barred,
                    replica.followers()));
        });
        return status;
    }

    /// What [#scrub] has found since the copy was opened.
    ScrubReport scrubbed() {
        return care.scrub().report();
    }

    /// Runs something on the loop and waits for it. The calling thread is never interrupted.
    private void onLoop(Maintenance.Step step) throws IOException {
        CompletableFuture<@Nullable IOException> done = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                step.run();
                done.complete(null);
            } catch (IOException e) {
                done.complete(e);
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
                throw e;
            }
        });
        IOException failure = done.join();
        if (failure != null) {
            throw failure;
        }
    }

    private void run(HintWriter task) {
        try {
            task.run();
        } catch (IOException e) {
            LOG.warn("partition {}: a segment has no hint, so opening will take longer: {}", id, e.getMessage());
        }
    }

    /// Takes nothing new and completes when all that was under way is answered.
    CompletionStage<Void> drain() {
        shell.tell(new Event.StopRequested());
        return shell.stopped();
    }

    /// Closes the files. The loop must have been stopped.
    void close() throws IOException {
        if (shell.role() instanceof Role.Stopped) {
            copies.current().closeCleanly();
        } else {
            copies.current().close();
        }
    }
}
