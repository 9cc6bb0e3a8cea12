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
public final class MergeRunner {

    private static final Logger LOG = LoggerFactory.getLogger(MergeRunner.class);

    /// On demand, any dead byte is reclaimed.
    private static final double MIN_RATIO = 1e-9;

    /// With a durability that never syncs, merges and hints lag this far behind.
    private static final long SYNC_INTERVAL_MILLIS = 10_000;

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

    private final Store store;
    private final long segmentBytes;
    private final Dependencies dependencies;
    private final MaintenancePolicy policy;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private @Nullable MaintenanceTask begun;
    private @Nullable Sync asked;
    private long syncedAt;
    private long retryAt;
    private boolean full;
    private boolean damaged;

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
        lock.lock();
        try {
            if (damaged || store.isClosed() || store.isFenced() || millis() < retryAt) {
                return false;
            }
            return runOnce(pacer);
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
        return false;
    }

    private boolean runOnce(LogMerge.Pacer pacer) throws IOException {
        boolean worked = false;
        boolean wasQuiet = policy.isQuiet();
        syncIfDue();
        for (MaintenanceTask maintenance = beginNext(); maintenance != null; maintenance = beginNext()) {
            maintenance.run(dependencies.writer(), pacer);
            noteWithdrawal(maintenance);
            worked = true;
            noteRoom();
            syncIfDue();
        }
        return !worked && wasQuiet && policy.isQuiet();
    }

    private void noteWithdrawal(MaintenanceTask maintenance) {
        if (maintenance instanceof Merge merge && merge.isWithdrawn()) {
            LOG.info("{}: a merge was withdrawn: the purge horizon fell while it ran", dependencies.name());
        }
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
        dependencies
                .writer()
                .run(() -> begun =
                        policy.next(millis(), dependencies.purgeHorizon()).orElse(null));
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
        lock.lock();
        try {
            sync();
            for (Optional<Merge> merge = begin(0);
                    merge.isPresent();
                    merge = begin(merge.get().last())) {
                merge.get().run(dependencies.writer(), pacer);
            }
        } finally {
            lock.unlock();
        }
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
