package io.caskade.server.partition;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.ResourceExhaustedException;
import io.caskade.bitcask.ScrubReport;
import io.caskade.bitcask.hint.HintWriter;
import io.caskade.bitcask.log.LogMerge;
import io.caskade.bitcask.record.LogClock;
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
import io.caskade.server.command.ByteBudget;
import io.caskade.server.loop.EventLoop;
import io.caskade.server.replica.Event;
import io.caskade.server.replica.Message;
import io.caskade.server.replica.RecoveredCopy;
import io.caskade.server.replica.Replica;
import io.caskade.server.replica.ReplicaOptions;
import io.caskade.server.replica.Role;
import io.caskade.server.transport.TrafficClass;
import java.io.IOException;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One partition's copy on this node: its store, its replica and the command path to it, created and closed
/// together.
///
/// Thread-safe.
public final class HostedPartition {

    /// Maximum bytes of queued appends.
    private static final long MAX_RECEIVED_BYTES = 8 << 20;

    /// Maximum bytes of other queued messages.
    private static final long MAX_CONTROL_BYTES = 1 << 20;

    /// Approximate overhead of a message, on top of its batches.
    private static final long MESSAGE_BYTES = 256;

    /// How many merges run before it is another partition's turn.
    private static final int MERGES_AT_A_TIME = 4;

    /// How often the free space is read.
    private static final long SPACE_CHECK_MILLIS = 500;

    private static final Logger LOG = LoggerFactory.getLogger(HostedPartition.class);

    private final int id;
    private final CopyDirectory copies;
    private final Dependencies dependencies;
    private final ReplicaDriver driver;

    /// Event loop only.
    private final Replica replica;

    private final CommandExecutor commands;
    private final EventLoop loop;
    private final Runnable turnEnd;
    private final CopyConfig config;
    private final ByteBudget receiveBudget;
    private final ByteBudget controlBudget = new ByteBudget(MAX_CONTROL_BYTES);

    /// Heartbeats and their answers, which are processed before anything that waits on the loop.
    private final Queue<Event.Received> heartbeats = new ConcurrentLinkedQueue<>();

    private final AtomicBoolean refreshingSpace = new AtomicBoolean();

    private volatile @Nullable Versioned<PartitionState> latestState;

    /// Whether set-aside copies may remain.
    private volatile boolean hasSetAside = true;

    /// Maintenance of the open copy, off the loop.
    private volatile CopyMaintenance maintenance;

    // Event loop only.
    private long lastSyncAt;
    private long lastSpaceCheckAt;
    private boolean spaceCheckInProgress;
    private boolean hintInProgress;

    /// The merges and scrubs of one copy, and what slows puts that merges cannot keep up with.
    private record CopyMaintenance(Store store, MergeRunner merging, Scrub scrub, PutThrottle throttle) {}

    private HostedPartition(int id, CopyDirectory copies, CopyConfig config, Dependencies dependencies, Store store) {
        this.id = id;
        this.copies = copies;
        this.config = config;
        this.dependencies = dependencies;
        this.receiveBudget = new ByteBudget(MAX_RECEIVED_BYTES, config.budgets().appends());
        this.loop = dependencies.loop();
        LogClock clock = new LogClock(what -> LOG.error("partition {}: {}", id, what));
        this.replica = new Replica(options(store, config), recovered(store), clock);
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
                new ByteBudget(config.maxInFlightBytes(), config.budgets().writes()),
                config.reserve(),
                () -> maintenance.throttle());
        this.maintenance = maintenanceOf(store);
        this.turnEnd = driver::onTurnEnd;
        loop.execute(() -> loop.onTurnEnd(turnEnd));
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
                .formerGrace(config.formerGrace())
                .throttle(config.budgets().throttle())
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

    /// Whether it leads, and its lease has not expired.
    boolean holdsLease() {
        return leads() && driver.hasLease();
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

    /// The partition's state has changed. States may arrive in any order.
    public void stateChanged(Versioned<PartitionState> state) {
        keepNewest(state);
        driver.submit(new Event.StateObserved(state));
        if (hasSetAside) {
            dependencies.workers().execute(this::deleteSetAside);
        }
    }

    private synchronized void keepNewest(Versioned<PartitionState> state) {
        Versioned<PartitionState> before = latestState;
        if (before == null || before.version() < state.version()) {
            latestState = state;
        }
    }

    /// A set-aside copy is kept until the one in its place is in sync, and while the ISR names it itself: it
    /// may hold the only copy of a write.
    private void deleteSetAside() {
        Versioned<PartitionState> newest = latestState;
        if (newest == null) {
            return;
        }
        PartitionState state = newest.value();
        String node = config.self().node();
        boolean replaced =
                !state.isReplica(node) || state.isInSync(copyId(copies.current().id()));
        try {
            hasSetAside = copies.deleteSetAside(aside -> !replaced || state.isInSync(copyId(aside)));
        } catch (IOException | RuntimeException | Error e) {
            LOG.warn("partition {}: a set-aside copy cannot be deleted", id, e);
        }
    }

    private CopyId copyId(UUID id) {
        return new CopyId(config.self().node(), id.toString());
    }

    /// Enqueues another replica's message. When too many bytes are queued the message is dropped: the protocol
    /// retries. Appends do not take the room of other messages, and heartbeats do not wait behind appends:
    /// leases depend on them.
    public void onMessage(NodeIncarnation sender, Message message) {
        Event.Received received = new Event.Received(sender, message);
        boolean isAppend = message instanceof Message.AppendRecords;
        ByteBudget budget = isAppend ? receiveBudget : controlBudget;
        long bytes = message instanceof Message.AppendRecords append
                ? append.batches().bytes() + MESSAGE_BYTES
                : MESSAGE_BYTES;
        if (!budget.tryAcquire(bytes)) {
            return;
        }
        if (TrafficClass.of(message) == TrafficClass.HEARTBEATS) {
            heartbeats.add(received);
            loop.execute(this::processHeartbeats);
            return;
        }
        loop.execute(() -> {
            budget.release(bytes);
            processHeartbeats();
            driver.step(received);
        });
    }

    private void processHeartbeats() {
        for (Event.Received next = heartbeats.poll(); next != null; next = heartbeats.poll()) {
            controlBudget.release(MESSAGE_BYTES);
            driver.step(next);
        }
    }

    /// All connections to a node broke.
    public void onDisconnected(String node) {
        driver.submit(new Event.PeerDisconnected(node));
    }

    /// Called a few times per second.
    ///
    /// @param monotonicMillis the monotonic clock
    public void tick(long monotonicMillis) {
        driver.clockTime();
        driver.submit(new Event.Ticked());
        loop.execute(() -> driver.retryReplace(monotonicMillis));
        loop.execute(this::writeHint);
        loop.execute(() -> checkSpaceIfDue(monotonicMillis));
        if (config.durability() == Durability.INTERVAL) {
            loop.execute(() -> syncIfDue(monotonicMillis));
        }
    }

    /// Asks again whether there is room, where there was none: otherwise only a write would. Called now and
    /// then, by any thread.
    public void refreshSpace() {
        boolean exhausted = driver.isExhausted();
        if ((exhausted || config.reserve().isRefusing()) && refreshingSpace.compareAndSet(false, true)) {
            dependencies.workers().execute(() -> {
                try {
                    refreshSpace(exhausted);
                } finally {
                    refreshingSpace.set(false);
                }
            });
        }
    }

    private void refreshSpace(boolean exhausted) {
        try {
            config.reserve().refresh();
            if (exhausted) {
                config.reserve().probe();
                loop.execute(driver::onResourcesAvailable);
            }
        } catch (IOException e) {
            LOG.debug("partition {}: still no room", id, e);
        }
    }

    /// Off the loop: a hanging disk may not tell how much is free.
    private void checkSpaceIfDue(long monotonicMillis) {
        if (spaceCheckInProgress || monotonicMillis - lastSpaceCheckAt < SPACE_CHECK_MILLIS) {
            return;
        }
        lastSpaceCheckAt = monotonicMillis;
        spaceCheckInProgress = true;
        dependencies.workers().execute(() -> {
            boolean room = hasRoom();
            loop.execute(() -> {
                spaceCheckInProgress = false;
                driver.onSpaceChecked(room, config.reserve().isRefusing());
            });
        });
    }

    private boolean hasRoom() {
        try {
            return config.reserve().hasRoom();
        } catch (IOException e) {
            LOG.debug("partition {}: the free space cannot be read, taken for none", id, e);
            return false;
        }
    }

    private void syncIfDue(long monotonicMillis) {
        if (monotonicMillis - lastSyncAt >= config.syncInterval().toMillis()) {
            lastSyncAt = monotonicMillis;
            driver.syncInBackground();
        }
    }

    /// Writes the next hint, one at a time and few on the node: it speeds up the next opening, and nothing
    /// waits for it.
    private void writeHint() {
        // While the copy takes too much space, hints would only add to it.
        boolean mergesFirst = config.merges()
                && maintenance.merging().isRunning()
                && maintenance.merging().need() >= 1;
        Semaphore hints = config.budgets().hints();
        if (hintInProgress || mergesFirst || driver.hasEnded() || !hints.tryAcquire()) {
            return;
        }
        Optional<HintWriter> next = copies.current().maintenance().beginHint();
        if (next.isEmpty()) {
            hints.release();
            return;
        }
        hintInProgress = true;
        dependencies.workers().execute(() -> {
            try {
                run(next.get());
            } finally {
                hints.release();
                loop.execute(() -> hintInProgress = false);
            }
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
    /// A damaged copy is rebuilt once another is known to be whole; until then it keeps serving, since reads
    /// verify checksums.
    public void scrub(LogMerge.Pacer pacer) {
        CopyMaintenance now = maintenance;
        long before = now.scrub().report().damagedSegments();
        now.scrub().round(pacer);
        ScrubReport report = now.scrub().report();
        if (report.damagedSegments() > before) {
            loop.execute(() -> driver.onFailure(now.store(), report.damage().getLast()));
        }
    }

    /// The copy's status; completes on the loop.
    ///
    /// @param known the partition's state as the node knows it
    public CompletableFuture<CopyStatus> status(Optional<PartitionState> known) {
        CompletableFuture<CopyStatus> status = new CompletableFuture<>();
        loop.execute(() -> {
            if (driver.hasEnded()) {
                status.complete(CopyStatus.unopened(id, "is being removed"));
                return;
            }
            Store store = maintenance.store();
            SpaceUse space = store.space();
            CopyId copy = replica.copyId();
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
                    problem(),
                    replica.followers()));
        });
        return status;
    }

    private String problem() {
        if (driver.role() instanceof Role.Fenced(String reason, boolean _)) {
            return reason;
        }
        if (driver.replaceFailure() != null) {
            return driver.replaceFailure();
        }
        if (replica.damage() != null) {
            return "damaged, and kept until another copy is known to be whole: " + replica.damage();
        }
        if (replica.blockedReason() != null) {
            return replica.blockedReason();
        }
        return driver.stateWriteFailure()
                .map(reason -> "its state cannot be changed: " + reason)
                .orElse("");
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
        } catch (ResourceExhaustedException e) {
            LOG.warn("partition {}: a segment has no hint, so opening will take longer: {}", id, e.getMessage());
        } catch (IOException | RuntimeException | Error e) {
            LOG.warn("partition {}: a segment has no hint, so opening will take longer", id, e);
        }
    }

    /// Whether it serves as a leader at the moment.
    boolean leads() {
        return driver.role() instanceof Role.Leader;
    }

    /// Accepts no new requests; completes when those in flight are answered.
    public CompletionStage<Void> stop() {
        driver.submit(new Event.StopRequested());
        return driver.stopped().thenRunAsync(commands::flushAnswers, loop);
    }

    /// Closes the files of a copy that has stopped while its node goes on, and gives back what it has taken
    /// from the loop. Blocks; not for the loop, which must be running.
    void release() throws IOException {
        maintenance.merging().withoutMerges(() -> {
            onLoop(() -> {
                driver.end();
                loop.removeTurnEnd(turnEnd);
                copies.current().close();
            });
            return copies;
        });
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
