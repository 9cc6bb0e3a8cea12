package io.caskade.bitcask.store.merge;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.ResourceExhaustedException;
import io.caskade.bitcask.log.LogMerge;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.store.Store;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs a store's merges on its callers' threads, one at a time. Thread-safe, except for the writer.
///
/// Between two runs it lets others go first that wait for merges to pause: those that take a snapshot, that ask
/// for a merge, or that close the store.
public final class MergeRunner {

    private static final Logger LOG = LoggerFactory.getLogger(MergeRunner.class);

    /// On demand, any dead byte is reclaimed.
    private static final double MIN_RATIO = 1e-9;

    /// With a durability that never syncs, merges and hints lag this far behind.
    private static final long SYNC_INTERVAL_MILLIS = 10_000;

    /// However urgent merges are, this part of the bytes is told to their pacer, which can cancel them.
    private static final int MIN_PACED_PART = 64;

    private static final long RETRY_MILLIS = 10_000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    /// What merging depends on.
    ///
    /// @param name the store's name in log lines
    /// @param writer runs steps as the store's writer
    /// @param purgeHorizon the sequence up to which tombstones may be dropped; called on the writer
    /// @param nanoTime a monotonic clock
    /// @param onFailure called, on any thread, when the store was fenced or damage was found
    public record Dependencies(
            String name,
            MaintenanceTask.WriterExecutor writer,
            LongSupplier purgeHorizon,
            LongSupplier nanoTime,
            Consumer<IOException> onFailure) {}

    /// What is left after some automatic maintenance.
    public enum Outcome {
        /// More is due.
        MORE,
        /// Nothing is due now.
        DONE,
        /// The store is quiet, and nothing was left to do.
        IDLE
    }

    private final Store store;
    private final long segmentBytes;
    private final Dependencies dependencies;
    private final MaintenancePolicy policy;

    /// Held for one task, not for a pass. Fair, so that between two tasks those come to pass that wait.
    private final ReentrantLock lock = new ReentrantLock(true);

    // Guarded by the lock.
    private @Nullable MaintenanceTask begun;
    private @Nullable Sync asked;
    private boolean needsSync;
    private long syncedAt;
    private long retryAt;
    private boolean full;

    private volatile boolean damaged;

    /// Creates the runner of a store.
    ///
    /// @param deadRatio the dead ratio from which a segment is merged while the store is busy
    /// @param segmentBytes the approximate maximum size of a merged segment
    public MergeRunner(Store store, double deadRatio, long segmentBytes, Dependencies dependencies) {
        this.store = store;
        this.segmentBytes = segmentBytes;
        this.dependencies = dependencies;
        this.policy = new MaintenancePolicy(store, deadRatio, segmentBytes);
        this.syncedAt = millis();
        this.retryAt = syncedAt;
    }

    private long millis() {
        return dependencies.nanoTime().getAsLong() / NANOS_PER_MILLI;
    }

    /// Runs all automatic maintenance that is due; call it periodically. Failures are logged and retried some
    /// seconds later; a full disk is logged once and retried until it has space. After damage, merging stops.
    ///
    /// @return whether the store is quiet and nothing was left to do
    public boolean mergeAutomatically(LogMerge.Pacer pacer) {
        Outcome outcome = Outcome.MORE;
        boolean worked = false;
        while (outcome == Outcome.MORE) {
            outcome = mergeNext(pacer);
            worked |= outcome == Outcome.MORE;
        }
        return outcome == Outcome.IDLE && !worked;
    }

    /// Runs one task of the automatic maintenance that is due, as above.
    public Outcome mergeNext(LogMerge.Pacer pacer) {
        lock.lock();
        try {
            if (damaged || store.isClosed() || store.isFenced() || millis() < retryAt) {
                return Outcome.DONE;
            }
            return runNext(pacer);
        } catch (CancellationException e) {
            LOG.debug("{}: a merge was canceled", dependencies.name(), e);
        } catch (ResourceExhaustedException e) {
            waitForRoom(e);
        } catch (DamagedLogException e) {
            damaged = true;
            LOG.error("{}: a merge found damage; merging stops", dependencies.name(), e);
            dependencies.onFailure().accept(e);
        } catch (IOException | RuntimeException | Error e) {
            // An error too: for lack of memory a merge leaves the log as it was, or fences it.
            retryAt = millis() + RETRY_MILLIS;
            LOG.warn("{}: a merge failed; retrying in {} ms", dependencies.name(), RETRY_MILLIS, e);
            if (store.isFenced()) {
                dependencies.onFailure().accept(e instanceof IOException f ? f : new IOException("a merge failed", e));
            }
        } finally {
            lock.unlock();
        }
        return Outcome.DONE;
    }

    private Outcome runNext(LogMerge.Pacer pacer) throws IOException {
        boolean wasQuiet = policy.isQuiet();
        syncIfDue();
        MaintenanceTask maintenance = beginNext();
        if (maintenance == null && needsSync) {
            sync();
            maintenance = beginNext();
        }
        if (maintenance == null) {
            return wasQuiet && policy.isQuiet() ? Outcome.IDLE : Outcome.DONE;
        }
        maintenance.run(dependencies.writer(), bytes -> pace(pacer, bytes));
        policy.finished(maintenance);
        noteRoom();
        return isWithdrawn(maintenance) ? Outcome.DONE : Outcome.MORE;
    }

    /// The pace follows the need: the more space the store takes beyond what merges should leave, the fewer of
    /// the bytes count, and so the faster the writer is, the faster merges are. So too while somebody waits.
    private void pace(LogMerge.Pacer pacer, long bytes) {
        double part = lock.hasQueuedThreads() ? 0 : 1 - policy.need();
        pacer.moved(Math.max(bytes / MIN_PACED_PART, (long) (part * bytes)));
    }

    /// Whether merges go on: after damage was found, they do not, and putting off writes for them is in vain.
    public boolean isRunning() {
        return !damaged && !store.isFenced();
    }

    /// How urgent merges are: from 0, when they may take their time, to 1. For any thread.
    public double need() {
        return policy.need();
    }

    /// It may come first again, so it is left to the next pass.
    private boolean isWithdrawn(MaintenanceTask maintenance) {
        boolean withdrawn = maintenance instanceof Merge merge && merge.isWithdrawn();
        if (withdrawn) {
            LOG.info("{}: a merge was withdrawn: the purge horizon fell while it ran", dependencies.name());
        }
        return withdrawn;
    }

    private void waitForRoom(ResourceExhaustedException e) {
        retryAt = millis() + RETRY_MILLIS;
        if (!full) {
            LOG.warn(
                    "{}: merges wait for room, trying every {} ms: {}",
                    dependencies.name(),
                    RETRY_MILLIS,
                    e.getMessage());
        }
        full = true;
    }

    private void noteRoom() {
        if (full) {
            LOG.info("{}: merges resume: there is room", dependencies.name());
        }
        full = false;
    }

    private @Nullable MaintenanceTask beginNext() throws IOException {
        dependencies.writer().run(() -> {
            begun = policy.next(millis(), dependencies.purgeHorizon()).orElse(null);
            needsSync = policy.needsSync();
        });
        return begun;
    }

    /// When merges are off: syncs periodically, so that hints can be written.
    public void syncIfOverdue() {
        lock.lock();
        try {
            if (!store.isClosed() && !store.isFenced()) {
                syncIfDue();
            }
        } catch (IOException e) {
            LOG.warn("{}: a sync failed", dependencies.name(), e);
            dependencies.onFailure().accept(e);
        } finally {
            lock.unlock();
        }
    }

    /// Merges everything with dead bytes.
    ///
    /// @param pacer may give up by throwing
    /// @throws ResourceExhaustedException when the disk has no space for the merge
    public void mergeAll(LogMerge.Pacer pacer) throws IOException {
        withoutMerges(() -> {
            sync();
            return store;
        });
        long after = 0;
        boolean more = true;
        while (more) {
            long last = after;
            Optional<Merge> merge = withoutMerges(() -> runNext(last, pacer));
            after = merge.map(Merge::last).orElse(last);
            more = merge.isPresent();
        }
    }

    private Optional<Merge> runNext(long after, LogMerge.Pacer pacer) throws IOException {
        Optional<Merge> merge = begin(after);
        if (merge.isPresent()) {
            merge.get().run(dependencies.writer(), pacer);
        }
        return merge;
    }

    /// An action that must not run during a merge.
    ///
    /// @param <T> the result
    @FunctionalInterface
    public interface Action<T> {
        /// Runs the action.
        T run() throws IOException;
    }

    /// Runs an action while no merge runs.
    public <T> T withoutMerges(Action<T> action) throws IOException {
        lock.lock();
        try {
            return action.run();
        } finally {
            lock.unlock();
        }
    }

    private Optional<Merge> begin(long after) throws IOException {
        dependencies.writer().run(() -> {
            MergePolicy all = new MergePolicy(MIN_RATIO, segmentBytes, dependencies.purgeHorizon(), true);
            begun = Merge.begin(store, all, after).orElse(null);
        });
        return begun instanceof Merge merge ? Optional.of(merge) : Optional.empty();
    }

    private void syncIfDue() throws IOException {
        if (policy.isQuiet() || millis() - syncedAt >= SYNC_INTERVAL_MILLIS) {
            sync();
        }
    }

    /// Syncs the log without blocking writers: only synced segments can be merged or get hints.
    private void sync() throws IOException {
        syncedAt = millis();
        dependencies.writer().run(() -> asked = store.durableEnd() < store.end() ? store.beginSync() : null);
        Sync sync = asked;
        if (sync == null) {
            return;
        }
        try {
            sync.run();
        } catch (IOException e) {
            dependencies.writer().run(() -> store.fence(e));
            throw e;
        }
        dependencies.writer().run(() -> store.endSync(sync));
    }
}
