package io.caskade.server.partition;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.ScrubReport;
import io.caskade.bitcask.hint.HintWriter;
import io.caskade.bitcask.log.LogMerge;
import io.caskade.bitcask.store.CopyDirectory;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.copy.CopyBounds;
import io.caskade.bitcask.store.merge.MaintenanceTask;
import io.caskade.bitcask.store.merge.MergeRunner;
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

/// One partition's copy on this node: its store, its replica, and the way to it, made together and closed
/// together.
///
/// Safe for use by any thread.
public final class HostedPartition {

    /// So many bytes of messages may wait for the loop.
    private static final long MAX_RECEIVED_BYTES = 8 << 20;

    /// What a message takes beside its batches, about.
    private static final long MESSAGE_BYTES = 256;

    private static final Logger LOG = LoggerFactory.getLogger(HostedPartition.class);

    private final int id;
    private final CopyDirectory copies;
    private final Dependencies dependencies;
    private final ReplicaDriver driver;

    /// For the loop alone.
    private final Replica replica;

    private final CommandExecutor commands;
    private final EventLoop loop;
    private final CopyConfig config;
    private final ByteBudget receiveBudget = new ByteBudget(MAX_RECEIVED_BYTES);

    private volatile @Nullable PartitionState latestState;

    /// Whether copies may be left that were set aside.
    private volatile boolean hasSetAside = true;

    /// What is done to the copy that is open, beside the loop.
    private volatile CopyMaintenance maintenance;

    // For the loop alone.
    private long lastSyncAt;
    private boolean hintInProgress;

    /// Merges and scrubs of one copy.
    private record CopyMaintenance(Store store, MergeRunner merging, Scrub scrub) {}

    private HostedPartition(int id, CopyDirectory copies, CopyConfig config, Dependencies dependencies, Store store) {
        this.id = id;
        this.copies = copies;
        this.config = config;
        this.dependencies = dependencies;
        this.loop = dependencies.loop();
        this.replica = new Replica(options(store, config), recovered(store));
        InFlightKeys inFlight = new InFlightKeys();
        this.driver = new ReplicaDriver(
                id, copies, replica, config.internalLimits().chunkBytes(), dependencies, inFlight, this::replaceOffLoop);
        this.commands = new CommandExecutor(
                id,
                copies,
                driver,
                inFlight,
                dependencies,
                new ByteBudget(config.maxInFlightBytes()),
                config.reserve());
        this.maintenance = maintenanceOf(store);
        loop.execute(() -> loop.onTurnEnd(driver::onTurnEnd));
    }

    /// Opens the copy. Blocks.
    ///
    /// @throws io.caskade.bitcask.DamagedLogException when what was counted on is gone or changed
    /// @throws IOException when the disk fails
    public static HostedPartition open(int id, CopyDirectory copies, CopyConfig config, Dependencies dependencies)
            throws IOException {
        return new HostedPartition(id, copies, config, dependencies, copies.open());
    }

    /// Sets the copy aside that is there and cannot be opened, and opens another with nothing in it. Blocks.
    ///
    /// @throws IOException when the disk fails
    public static HostedPartition openEmpty(
            int id, CopyDirectory copies, CopyConfig config, Dependencies dependencies) throws IOException {
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

    /// What a copy knows to be committed says nothing of one that is not whole: it may show older values.
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
        return new CopyMaintenance(store, merging, new Scrub(store, "partition " + id, this::onLoop));
    }

    private void replaceOffLoop() {
        dependencies.workers().execute(() -> {
            try {
                replace();
                loop.execute(driver::onReplaced);
            } catch (IOException | RuntimeException e) {
                loop.execute(() -> driver.onReplaceFailed(e));
            } catch (Error e) {
                // On the loop, which ends the process for it.
                loop.execute(() -> {
                    driver.onReplaceFailed(e);
                    throw e;
                });
            }
        });
    }

    /// The copy is closed only when no merge is at it any more.
    private void replace() throws IOException {
        CopyMaintenance old = maintenance;
        maintenance = maintenanceOf(old.merging().withoutMerges(() -> {
            onLoop(old.store()::close);
            return copies.replace();
        }));
        hasSetAside = true;
    }

    /// The copy's files, and those set aside beside it.
    CopyDirectory copies() {
        return copies;
    }

    /// What may be asked of it on the loop alone.
    Replica replica() {
        return replica;
    }

    EventLoop loop() {
        return loop;
    }

    ReplicaDriver driver() {
        return driver;
    }

    /// The way for clients' commands.
    public CommandExecutor commands() {
        return commands;
    }

    /// Completes when the partition serves or is fed by its leader for the first time; fails with a
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

    /// A copy that was set aside may hold the last trace of something as long as the state names it in sync.
    private void deleteSetAside() {
        PartitionState state = latestState;
        String node = config.self().node();
        if (state == null) {
            return;
        }
        try {
            hasSetAside = copies.deleteSetAside(aside -> state.isInSync(new CopyId(node, aside.toString())));
        } catch (IOException | RuntimeException | Error e) {
            LOG.warn("partition {}: a copy that was set aside cannot be deleted", id, e);
        }
    }

    /// What another node's copy has said. Messages that wait for the loop are dropped when they have too
    /// many bytes: their receiver asks again.
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

    /// All connections to a node are broken.
    public void onDisconnected(String node) {
        driver.submit(new Event.PeerDisconnected(node));
    }

    /// To be called a few times a second.
    ///
    /// @param monotonicMillis a clock that never goes back
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

    /// Has the next hint written, one at a time: it is for the next opening, and nothing waits for it.
    private void writeHint() {
        if (hintInProgress) {
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

    /// Merges what is worth it. Blocks; not for the loop, which must be running.
    public void merge(LogMerge.Pacer pacer) {
        loop.execute(driver::advanceLogTime);
        maintenance.merging().mergeAutomatically(pacer);
    }

    /// Reads all sealed segments once and verifies them; damage is logged and counted. Blocks; not for the
    /// loop, which must be running.
    ///
    /// A damaged copy is set aside when another is in sync, which has what this one lacks. A lone one is not
    /// even fenced, unlike by a merge, which would have to leave records out: reads verify what they serve, and
    /// to refuse all writes because an old record decayed would make an outage of it.
    public void scrub(LogMerge.Pacer pacer) {
        CopyMaintenance now = maintenance;
        long before = now.scrub().report().damagedSegments();
        now.scrub().round(pacer);
        ScrubReport report = now.scrub().report();
        if (report.damagedSegments() > before && isAmongOthers()) {
            loop.execute(() -> driver.onFailure(now.store(), report.damage().getLast()));
        }
    }

    private boolean isAmongOthers() {
        PartitionState state = latestState;
        String node = config.self().node();
        return state != null
                && state.isr().stream().anyMatch(copy -> !copy.node().equals(node));
    }

    /// How the copy is, when the loop has said so.
    ///
    /// @param known the partition's state as the node knows it
    public CompletableFuture<CopyStatus> status(Optional<PartitionState> known) {
        CompletableFuture<CopyStatus> status = new CompletableFuture<>();
        loop.execute(() -> {
            Store store = maintenance.store();
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
                    driver.role() instanceof Role.Fenced(String reason, boolean _)
                            ? reason
                            : blocked == null ? "" : blocked,
                    replica.followers()));
        });
        return status;
    }

    /// What [#scrub] has found since the copy was opened.
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

    /// Takes nothing new and completes when all that was under way is answered.
    public CompletionStage<Void> stop() {
        driver.submit(new Event.StopRequested());
        return driver.stopped();
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
