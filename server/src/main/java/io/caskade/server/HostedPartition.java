package io.caskade.server;

import io.caskade.bitcask.disk.DiskReserve;
import io.caskade.bitcask.log.Durability;
import io.caskade.bitcask.log.HintTask;
import io.caskade.bitcask.log.LogMerge;
import io.caskade.bitcask.store.Merging;
import io.caskade.bitcask.store.Scrub;
import io.caskade.bitcask.store.ScrubReport;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.Upkeep;
import io.caskade.server.cluster.InSyncCopy;
import io.caskade.server.cluster.Leader;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.command.InFlightKeys;
import io.caskade.server.replica.Event;
import io.caskade.server.replica.Recovered;
import io.caskade.server.replica.Replica;
import io.caskade.server.replica.ReplicaOptions;
import io.caskade.server.replica.Role;
import io.caskade.server.replica.Timing;
import java.io.IOException;
import java.time.Duration;
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

    /// A copy that is further behind is fed anew.
    private static final long MOST_KEPT_REMOVALS = 10_000_000;

    private static final Logger LOG = LoggerFactory.getLogger(HostedPartition.class);

    private final int id;
    private final Store store;
    private final Executor workers;
    private final ReplicaShell shell;
    private final PartitionCommands commands;
    private final EventLoop loop;
    private final Durability durability;
    private final Duration syncInterval;
    private final Merging merging;
    private final Scrub scrub;

    // For the loop alone.
    private long lastSyncAt;
    private boolean hintUnderWay;

    /// How partitions are kept on this node.
    ///
    /// @param mergedRatio the part of a segment that must be of no use for it to be merged
    /// @param segmentBytes about how large a merged segment may become
    /// @param reserve what puts leave free of the disk, all partitions together
    record Keeping(
            Leader self,
            Durability durability,
            Duration syncInterval,
            long maxInFlightBytes,
            double mergedRatio,
            long segmentBytes,
            DiskReserve reserve) {}

    HostedPartition(int id, Store store, Keeping keeping, ReplicaShell.Surroundings surroundings, Executor workers) {
        this.id = id;
        this.store = store;
        this.workers = workers;
        this.loop = surroundings.loop();
        this.durability = keeping.durability();
        this.syncInterval = keeping.syncInterval();
        String node = keeping.self().node();
        ReplicaOptions options = new ReplicaOptions(
                keeping.self(),
                new InSyncCopy(node, store.id().toString()),
                store.formerIds().stream()
                        .map(former -> new InSyncCopy(node, former.toString()))
                        .collect(Collectors.toSet()),
                durability == Durability.SYNC,
                keeping.maxInFlightBytes(),
                IDLE_MARK_MILLIS,
                MOST_KEPT_REMOVALS,
                Timing.DEFAULT);
        Replica replica = new Replica(
                options,
                new Recovered(
                        store.epochs(), store.end(), store.durableEnd(), store.watermark(), 0, 0, store.logTime()));
        InFlightKeys inFlight = new InFlightKeys();
        this.shell = new ReplicaShell(id, store, replica, surroundings, inFlight::committedUpTo);
        this.commands = new PartitionCommands(
                id,
                store,
                shell,
                inFlight,
                loop,
                workers,
                surroundings.clock(),
                new OwedBytes(keeping.maxInFlightBytes()),
                keeping.reserve());
        this.merging = new Merging(
                store,
                keeping.mergedRatio(),
                keeping.segmentBytes(),
                new Merging.Surroundings(
                        "partition " + id,
                        this::onLoop,
                        shell::purgeHorizon,
                        System::nanoTime,
                        failure -> loop.execute(() -> shell.diskFailed(failure))));
        this.scrub = new Scrub(store, "partition " + id, this::onLoop);
        loop.execute(() -> loop.join(shell::turnEnded));
    }

    PartitionCommands commands() {
        return commands;
    }

    /// Completes when the partition serves for the first time; fails with a [StartupException] when it never
    /// will.
    CompletionStage<Void> settledIn() {
        return shell.settledIn();
    }

    void stateChanged(Versioned<PartitionState> state) {
        shell.tell(new Event.StateSeen(state));
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
        store.nextHint().ifPresent(task -> {
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
        merging.automatic(pacer);
    }

    /// Reads all full segments once and verifies them; damage is logged and counted. Blocks; not for the loop, which
    /// must be running.
    ///
    /// Unlike a merge that finds damage, which would have to leave records out, it does not fence the copy: reads
    /// verify what they serve, and a lone copy that refused all writes because an old record decayed would
    /// make an outage of it.
    void scrub(LogMerge.Pacer pacer) {
        scrub.round(pacer);
    }

    /// What [#scrub] has found since the copy was opened.
    ScrubReport scrubbed() {
        return scrub.report();
    }

    /// Runs something on the loop and waits for it. The calling thread is never interrupted.
    private void onLoop(Upkeep.Step step) throws IOException {
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

    private void run(HintTask task) {
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
            store.closeCleanly();
        } else {
            store.close();
        }
    }
}
