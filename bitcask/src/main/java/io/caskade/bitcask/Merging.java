package io.caskade.bitcask;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFullException;
import io.caskade.bitcask.log.LogMerge;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.store.Merge;
import io.caskade.bitcask.store.MergePolicy;
import io.caskade.bitcask.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Runs a library's merges on its callers' threads, one after the other.
final class Merging {

    /// What a run must be able to gain before it is merged without being asked to.
    private static final double AUTOMATIC_RATIO = 0.25;

    /// On demand, whatever there is to gain is gained.
    private static final double LEAST_RATIO = 1e-9;

    /// With a durability that never syncs, merges and hints lag this far behind.
    private static final long SYNC_INTERVAL_NANOS = 10_000_000_000L;

    private final Disk disk;
    private final Path directory;
    private final Store store;
    private final GroupCommit commits;
    private final long outputBytes;
    private final ReentrantLock lock = new ReentrantLock();

    private @Nullable Merge begun;
    private @Nullable Sync asked;
    private long syncedAt = System.nanoTime();

    Merging(Disk disk, Path directory, Store store, GroupCommit commits, long outputBytes) {
        this.disk = disk;
        this.directory = directory;
        this.store = store;
        this.commits = commits;
        this.outputBytes = outputBytes;
    }

    /// Merges all that is worth it by itself.
    void automatic(LogMerge.Pacer pacer) throws IOException {
        all(new MergePolicy(AUTOMATIC_RATIO, outputBytes, Long.MAX_VALUE), pacer);
    }

    /// Merges all that has anything to gain.
    void onDemand() throws IOException {
        all(new MergePolicy(LEAST_RATIO, outputBytes, Long.MAX_VALUE), bytes -> {});
    }

    /// Syncs what is in the log, beside the writers: only what is synced can be merged or get hints.
    private void sync() throws IOException {
        commits.step(() -> asked = store.durableEnd() < store.end() ? store.beginSync() : null);
        Sync sync = asked;
        if (sync == null) {
            return;
        }
        try {
            sync.run();
        } catch (IOException e) {
            commits.step(() -> store.fence(e));
            throw e;
        }
        commits.step(() -> store.endSync(sync));
    }

    private void all(MergePolicy policy, LogMerge.Pacer pacer) throws IOException {
        lock.lock();
        try {
            if (System.nanoTime() - syncedAt >= SYNC_INTERVAL_NANOS || policy.deadRatio() < AUTOMATIC_RATIO) {
                sync();
                syncedAt = System.nanoTime();
            }
            for (Merge merge = begin(policy, 0); merge != null; merge = begin(policy, merge.last())) {
                long free = disk.freeBytes(directory);
                if (free < merge.inputBytes()) {
                    throw new DiskFullException(
                            directory, new IOException("a merge may need " + merge.inputBytes() + " bytes of " + free));
                }
                merge.run(commits::step, pacer);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Something that no merge may disturb.
    interface Undisturbed<T> {
        T run() throws IOException;
    }

    /// Does something while no merge runs.
    <T> T undisturbed(Undisturbed<T> action) throws IOException {
        lock.lock();
        try {
            return action.run();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Merge begin(MergePolicy policy, long after) throws IOException {
        commits.step(() -> begun = store.beginMerge(policy, after).orElse(null));
        return begun;
    }
}
