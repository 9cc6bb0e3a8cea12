package io.caskade.server.partition;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.ScrubReport;
import io.caskade.bitcask.hint.HintWriter;
import io.caskade.bitcask.log.LogMerge;
import io.caskade.bitcask.store.CopyDirectory;
import io.caskade.bitcask.store.SpaceUse;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.copy.CopyBounds;
import io.caskade.bitcask.store.merge.MaintenanceTask;
import io.caskade.bitcask.store.merge.MergeRunner;
import io.caskade.bitcask.store.merge.PutThrottle;
import io.caskade.bitcask.store.merge.Scrub;
import io.caskade.server.admin.CopyStatus;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.loop.EventLoop;
import io.caskade.server.replica.Event;
import io.caskade.server.replica.Message;
import io.caskade.server.replica.RecoveredCopy;
import io.caskade.server.replica.Replica;
import io.caskade.server.replica.ReplicaOptions;
import io.caskade.server.replica.Role;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One partition's copy on this node: its store, its replica and the command path to it, created and closed
/// together.
///
/// Thread-safe.
public final class HostedPartition {

    /// Maximum bytes of queued messages.
    private static final long MAX_RECEIVED_BYTES = 8 << 20;

    /// Approximate overhead of a message, on top of its batches.
    private static final long MESSAGE_BYTES = 256;

    /// How many merges run before it is another partition's turn.
    private static final int MERGES_AT_A_TIME = 4;

    private static final Logger LOG = LoggerFactory.getLogger(HostedPartition.class);

    private final int id;
    private final CopyDirectory copies;
    private final Dependencies dependencies;
    private final ReplicaDriver driver;

    /// Event loop only.
    private final Replica replica;

    private final CommandExecutor commands;
    private final EventLoop loop;
    private final CopyConfig config;
    private final ByteBudget receiveBudget = new ByteBudget(MAX_RECEIVED_BYTES);

    private volatile @Nullable PartitionState latestState;

    /// Whether set-aside copies may remain.
    private volatile boolean hasSetAside = true;

    /// Maintenance of the open copy, off the loop.
    private volatile CopyMaintenance maintenance;

    // Event loop only.
    private long lastSyncAt;
    private boolean hintInProgress;

    /// The merges and scrubs of one copy, and what slows puts that merges cannot keep up with.
    private record CopyMaintenance(Store store, MergeRunner merging, Scrub scrub, PutThrottle throttle) {}

    private HostedPartition(int id, CopyDirectory copies, CopyConfig config, Dependencies dependencies, Store store) {
        this.id = id;
        this.copies = copies;
        this.config = config;
        this.dependencies = dependencies;
        this.loop = dependencies.loop();
        this.replica = new Replica(options(store, config), recovered(store));
        InFlightKeys inFlight = new InFlightKeys();
        this.driver = new ReplicaDriver(
                id,
                copies,
                replica,
                config.internalLimits().chunkBytes(),
                dependencies,
                inFlight,
                this::replaceOffLoop);
        this.commands = new CommandExecutor(
                id,
                copies,
                driver,
                inFlight,
                dependencies,
                new ByteBudget(config.maxInFlightBytes()),
                config.reserve(),
                () -> maintenance.throttle());
        this.maintenance = maintenanceOf(store);
        loop.execute(() -> loop.onTurnEnd(driver::onTurnEnd));
    }

    /// Opens the copy. Blocks.
    ///
    /// @throws io.caskade.bitcask.DamagedLogException when acknowledged bytes are missing or changed
    /// @throws IOException when the disk fails
    public static HostedPartition open(int id, CopyDirectory copies, CopyConfig config, Dependencies dependencies)
            throws IOException {
        return new HostedPartition(id, copies, config, dependencies, copies.open());
    }

    /// Sets aside the existing copy, which cannot be opened, and opens an empty one. Blocks.
    ///
    /// @throws IOException when the disk fails
    public static HostedPartition openEmpty(int id, CopyDirectory copies, CopyConfig config, Dependencies dependencies)
            throws IOException {
        return new HostedPartition(id, copies, config, dependencies, copies.replaceUnopened());
    }

    private static ReplicaOptions options(Store store, CopyConfig config) {
        String node = config.self().node();
        return ReplicaOptions.builder(config.self(), new CopyId(node, store.id().toString()))
                .formerCopyIds(store.formerIds().stream()
                        .map(former -> new CopyId(node, former.toString()))
                        .collect(Collectors.toSet()))
                .syncBeforeAck(config.durability() == Durability.SYNC)
                .idleMarkMillis(config.internalLimits().idleMarkMillis())
                .maxRetainedTombstones(config.internalLimits().maxRetainedTombstones())
                .timeouts(config.timeouts())
                .lastStream((long) config.self().incarnation().hashCode() << Integer.SIZE)
                .build();
    }

    /// An incomplete copy recovers with high watermark 0: its records may be stale.
    static RecoveredCopy recovered(Store store) {
        CopyBounds bounds = store.bounds();
        return RecoveredCopy.builder()
                .epochs(store.epochs())
                .logEnd(store.end())
                .durableEnd(store.durableEnd())
                .highWatermark(store.highWatermark() < bounds.completeAt() ? 0 : store.highWatermark())
                .purgeHorizon(bounds.purgeHorizon())
                .completeAt(bounds.completeAt())
                .logTime(store.logTime())
                .build();
    }

    private long nanoTime() {
        return TimeUnit.MILLISECONDS.toNanos(dependencies.clock().now().monotonic());
    }

    private CopyMaintenance maintenanceOf(Store store) {
        MergeRunner merging = new MergeRunner(
                store,
                config.deadRatio(),
                config.segmentBytes(),
                new MergeRunner.Dependencies(
                        "partition " + id,
                        this::onLoop,
                        driver::localPurgeHorizon,
                        this::nanoTime,
                        failure -> loop.execute(() -> driver.onFailure(store, failure))));
        PutThrottle throttle =
                new PutThrottle(store, "partition " + id, () -> config.merges() && merging.isRunning(), this::nanoTime);
        return new CopyMaintenance(store, merging, new Scrub(store, "partition " + id, this::onLoop), throttle);
    }

    private void replaceOffLoop() {
        dependencies.workers().execute(() -> {
            try {
                replace();
                loop.execute(driver::onReplaced);
            } catch (IOException | RuntimeException e) {
                loop.execute(() -> driver.onReplaceFailed(e));
            } catch (Error e) {
                // On the loop, where a failure ends the process.
                loop.execute(() -> {
                    driver.onReplaceFailed(e);
                    throw e;
                });
            }
        });
    }

    /// Closes the copy only after its running merge has ended.
    private void replace() throws IOException {
        CopyMaintenance old = maintenance;
        maintenance = maintenanceOf(old.merging().withoutMerges(() -> {
            onLoop(old.store()::close);
            return copies.replace();
        }));
        hasSetAside = true;
    }

    /// The copy's files, and set-aside ones.
    CopyDirectory copies() {
        return copies;
    }

    /// The driver; event loop only.
    Replica replica() {
        return replica;
    }

    EventLoop loop() {
        return loop;
    }

    ReplicaDriver driver() {
        return driver;
    }

    /// Executes clients' commands.
    public CommandExecutor commands() {
        return commands;
    }

    /// Completes when the partition first serves or streams from its leader; fails with a
    /// [CopyUnavailableException] when it never will.
    public CompletionStage<Void> ready() {
        return driver.ready();
    }

    /// The partition's state has changed.
    public void stateChanged(Versioned<PartitionState> state) {
        latestState = state.value();
        driver.submit(new Event.StateObserved(state));
        if (hasSetAside) {
            dependencies.workers().execute(this::deleteSetAside);
        }
    }

    /// A set-aside copy is kept while the ISR names it: it may hold the only copy of a write.
    private void deleteSetAside() {
        PartitionState state = latestState;
        String node = config.self().node();
        if (state == null) {
            return;
        }
        try {
            hasSetAside = copies.deleteSetAside(aside -> state.isInSync(new CopyId(node, aside.toString())));
        } catch (IOException | RuntimeException | Error e) {
            LOG.warn("partition {}: a set-aside copy cannot be deleted", id, e);
        }
    }

    /// Enqueues another replica's message. When the queue has too many bytes the message is dropped: the
    /// protocol retries.
    public void onMessage(NodeIncarnation sender, Message message) {
        long bytes = message instanceof Message.AppendRecords append
                ? append.batches().bytes() + MESSAGE_BYTES
                : MESSAGE_BYTES;
        if (!receiveBudget.tryAcquire(bytes)) {
            return;
        }
        loop.execute(() -> {
            receiveBudget.release(bytes);
            driver.step(new Event.Received(sender, message));
        });
    }

    /// All connections to a node broke.
    public void onDisconnected(String node) {
        driver.submit(new Event.PeerDisconnected(node));
    }

    /// Called a few times per second.
    ///
    /// @param monotonicMillis the monotonic clock
    public void tick(long monotonicMillis) {
        driver.submit(new Event.Ticked());
        loop.execute(this::writeHint);
        if (config.durability() == Durability.INTERVAL) {
            loop.execute(() -> syncIfDue(monotonicMillis));
        }
    }

    private void syncIfDue(long monotonicMillis) {
        if (monotonicMillis - lastSyncAt >= config.syncInterval().toMillis()) {
            lastSyncAt = monotonicMillis;
            driver.syncInBackground();
        }
    }

    /// Writes the next hint, one at a time: it speeds up the next opening, and nothing waits for it.
    private void writeHint() {
        // While the copy takes too much space, hints would only add to it.
        boolean mergesFirst = config.merges()
                && maintenance.merging().isRunning()
                && maintenance.merging().need() >= 1;
        if (hintInProgress || mergesFirst) {
            return;
        }
        copies.current().beginHint().ifPresent(task -> {
            hintInProgress = true;
            dependencies.workers().execute(() -> {
                try {
                    run(task);
                } finally {
                    loop.execute(() -> hintInProgress = false);
                }
            });
        });
    }

    /// Runs some of the merges that are due, few enough that those of other partitions need not wait long.
    /// Blocks; not for the loop, which must be running.
    public void merge(LogMerge.Pacer pacer) {
        loop.execute(driver::advanceLogTime);
        MergeRunner merging = maintenance.merging();
        for (int i = 0; i < MERGES_AT_A_TIME && merging.mergeNext(pacer) == MergeRunner.Outcome.MORE; i++) {
            LOG.trace("partition {}: more may be due", id);
        }
    }

    /// How urgent merges are: from 0, when they may take their time, to 1.
    public double mergeNeed() {
        return maintenance.merging().need();
    }

    /// Reads all sealed segments once and verifies them; damage is logged and counted. Blocks; not for the
    /// loop, which must be running.
    ///
    /// If another copy is in sync, a damaged one is rebuilt; a sole copy keeps serving, since reads verify
    /// checksums. A merge, which would have to drop the damaged records, fences even a sole copy.
    public void scrub(LogMerge.Pacer pacer) {
        CopyMaintenance now = maintenance;
        long before = now.scrub().report().damagedSegments();
        now.scrub().round(pacer);
        ScrubReport report = now.scrub().report();
        if (report.damagedSegments() > before && hasOtherInSyncCopy()) {
            loop.execute(() -> driver.onFailure(now.store(), report.damage().getLast()));
        }
    }

    private boolean hasOtherInSyncCopy() {
        PartitionState state = latestState;
        return state != null && state.hasOtherInSyncCopy(config.self().node());
    }

    /// The copy's status; completes on the loop.
    ///
    /// @param known the partition's state as the node knows it
    public CompletableFuture<CopyStatus> status(Optional<PartitionState> known) {
        CompletableFuture<CopyStatus> status = new CompletableFuture<>();
        loop.execute(() -> {
            Store store = maintenance.store();
            SpaceUse space = store.space();
            CopyId copy = replica.copyId();
            String blocked = replica.blockedReason();
            status.complete(new CopyStatus(
                    id,
                    copy.copy(),
                    driver.role(),
                    store.epochs().latest(),
                    store.end(),
                    config.durability() == Durability.SYNC ? store.durableEnd() : store.end(),
                    store.highWatermark(),
                    known.filter(state -> state.isInSync(copy)).isPresent(),
                    config.reserve().isRefusing() || driver.isExhausted(),
                    maintenance.throttle().isSlowing(),
                    space.takenBytes(),
                    space.liveBytes(),
                    driver.role() instanceof Role.Fenced(String reason, boolean _)
                            ? reason
                            : blocked == null ? "" : blocked,
                    replica.followers()));
        });
        return status;
    }

    /// What [#scrub] found since the copy was opened.
    public ScrubReport scrubReport() {
        return maintenance.scrub().report();
    }

    /// Runs something on the loop and waits for it. The calling thread is never interrupted.
    private void onLoop(MaintenanceTask.Step step) throws IOException {
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
        IOException failure = loop.await(done);
        if (failure != null) {
            throw failure;
        }
    }

    private void run(HintWriter task) {
        try {
            task.run();
        } catch (IOException | RuntimeException | Error e) {
            LOG.warn("partition {}: a segment has no hint, so opening will take longer", id, e);
        }
    }

    /// Accepts no new requests; completes when those in flight are answered.
    public CompletionStage<Void> stop() {
        driver.submit(new Event.StopRequested());
        return driver.stopped().thenRunAsync(commands::flushAnswers, loop);
    }

    /// Closes the files. The loop must have been stopped.
    public void close() throws IOException {
        if (driver.role() instanceof Role.Stopped) {
            copies.current().closeCleanly();
        } else {
            copies.current().close();
        }
    }
}
