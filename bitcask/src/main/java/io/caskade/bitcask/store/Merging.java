package io.caskade.bitcask.store;

import io.caskade.bitcask.disk.DiskFullException;
import io.caskade.bitcask.log.DamagedLogException;
import io.caskade.bitcask.log.LogMerge;
import io.caskade.bitcask.log.Sync;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs a store's merges on its callers' threads, one after the other. Safe for use by any thread but the
/// writer.
public final class Merging {

    private static final Logger LOG = LoggerFactory.getLogger(Merging.class);

    /// On demand, whatever there is to gain is gained.
    private static final double LEAST_RATIO = 1e-9;

    /// With a durability that never syncs, merges and hints lag this far behind.
    private static final long SYNC_INTERVAL_MILLIS = 10_000;

    private static final long RETRY_MILLIS = 10_000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    /// What merging works with.
    ///
    /// @param name of the store, in log lines
    /// @param writer runs steps as the store's writer
    /// @param purgeHorizon the sequence up to which removals may be forgotten; asked on the writer
    /// @param nanoTime a clock that never goes back
    /// @param onFailure is told, on any thread, when the store can no longer be trusted: it was fenced, or
    ///     damage was found
    public record Surroundings(
            String name,
            Upkeep.OnWriter writer,
            LongSupplier purgeHorizon,
            LongSupplier nanoTime,
            Consumer<IOException> onFailure) {}

    private final Store store;
    private final long segmentBytes;
    private final Surroundings surroundings;
    private final AutomaticUpkeep automatic;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private @Nullable Upkeep begun;
    private @Nullable Sync asked;
    private long syncedAt;
    private long retryAt;
    private boolean full;
    private boolean damaged;

    /// The merging of a store.
    ///
    /// @param deadRatio the part of a segment that must be of no use for it to be merged while the store is
    ///     busy
    /// @param segmentBytes about how large a merged segment may become
    public Merging(Store store, double deadRatio, long segmentBytes, Surroundings surroundings) {
        this.store = store;
        this.segmentBytes = segmentBytes;
        this.surroundings = surroundings;
        this.automatic = new AutomaticUpkeep(store, deadRatio, segmentBytes);
        this.syncedAt = millis();
        this.retryAt = syncedAt;
    }

    private long millis() {
        return surroundings.nanoTime().getAsLong() / NANOS_PER_MILLI;
    }

    /// Merges all that is worth it by itself; to be called again and again. What fails is logged and tried
    /// again some seconds later; a full disk is waited for, with one line in the log. Where damage was found,
    /// nothing is merged any more.
    ///
    /// @return whether the store is quiet and nothing was left to do
    public boolean automatic(LogMerge.Pacer pacer) {
        lock.lock();
        try {
            if (damaged || store.isFenced() || millis() < retryAt) {
                return false;
            }
            return automaticOnce(pacer);
        } catch (CancellationException e) {
            LOG.debug("{}: a merge was given up", surroundings.name(), e);
        } catch (DiskFullException e) {
            waitForRoom(e);
        } catch (DamagedLogException e) {
            damaged = true;
            LOG.error("{}: a merge has found damage; nothing is merged any more", surroundings.name(), e);
            surroundings.onFailure().accept(e);
        } catch (IOException | RuntimeException e) {
            retryAt = millis() + RETRY_MILLIS;
            LOG.warn("{}: a merge failed; it is tried again in {} ms", surroundings.name(), RETRY_MILLIS, e);
            if (e instanceof IOException failure && store.isFenced()) {
                surroundings.onFailure().accept(failure);
            }
        } finally {
            lock.unlock();
        }
        return false;
    }

    private boolean automaticOnce(LogMerge.Pacer pacer) throws IOException {
        boolean worked = false;
        boolean wasQuiet = automatic.isQuiet();
        syncIfDue();
        for (Upkeep upkeep = beginAutomatic(); upkeep != null; upkeep = beginAutomatic()) {
            upkeep.run(surroundings.writer(), pacer);
            worked = true;
            noteRoom();
            syncIfDue();
        }
        return !worked && wasQuiet && automatic.isQuiet();
    }

    private void waitForRoom(DiskFullException e) {
        retryAt = millis() + RETRY_MILLIS;
        if (!full) {
            LOG.warn(
                    "{}: merges wait for room on the disk, looking every {} ms: {}",
                    surroundings.name(),
                    RETRY_MILLIS,
                    e.getMessage());
        }
        full = true;
    }

    private void noteRoom() {
        if (full) {
            LOG.info("{}: merges go on: the disk has room", surroundings.name());
        }
        full = false;
    }

    private @Nullable Upkeep beginAutomatic() throws IOException {
        surroundings
                .writer()
                .run(() -> begun = automatic
                        .next(millis(), surroundings.purgeHorizon().getAsLong())
                        .orElse(null));
        return begun;
    }

    /// Syncs what others leave unsynced for long, for the sake of hints, where nothing is merged.
    public void syncNowAndThen() {
        lock.lock();
        try {
            if (!store.isFenced()) {
                syncIfDue();
            }
        } catch (IOException e) {
            LOG.warn("{}: a sync failed", surroundings.name(), e);
            surroundings.onFailure().accept(e);
        } finally {
            lock.unlock();
        }
    }

    /// Merges all that has anything to gain.
    ///
    /// @throws DiskFullException when there is no room to merge in
    public void onDemand() throws IOException {
        lock.lock();
        try {
            sync();
            for (Optional<Merge> merge = begin(0);
                    merge.isPresent();
                    merge = begin(merge.get().last())) {
                merge.get().run(surroundings.writer(), bytes -> {});
            }
        } finally {
            lock.unlock();
        }
    }

    /// Something that no merge may disturb.
    ///
    /// @param <T> what comes of it
    @FunctionalInterface
    public interface Undisturbed<T> {
        /// Does it.
        T run() throws IOException;
    }

    /// Does something while no merge runs.
    public <T> T undisturbed(Undisturbed<T> action) throws IOException {
        lock.lock();
        try {
            return action.run();
        } finally {
            lock.unlock();
        }
    }

    private Optional<Merge> begin(long after) throws IOException {
        surroundings.writer().run(() -> {
            long horizon = surroundings.purgeHorizon().getAsLong();
            begun = store.beginMerge(new MergePolicy(LEAST_RATIO, segmentBytes, horizon, true), after)
                    .orElse(null);
        });
        return begun instanceof Merge merge ? Optional.of(merge) : Optional.empty();
    }

    private void syncIfDue() throws IOException {
        if (automatic.isQuiet() || millis() - syncedAt >= SYNC_INTERVAL_MILLIS) {
            sync();
        }
    }

    /// Syncs what is in the log, beside the writers: only what is synced can be merged or get hints.
    private void sync() throws IOException {
        syncedAt = millis();
        surroundings.writer().run(() -> asked = store.durableEnd() < store.end() ? store.beginSync() : null);
        Sync sync = asked;
        if (sync == null) {
            return;
        }
        try {
            sync.run();
        } catch (IOException e) {
            surroundings.writer().run(() -> store.fence(e));
            throw e;
        }
        surroundings.writer().run(() -> store.endSync(sync));
    }
}
