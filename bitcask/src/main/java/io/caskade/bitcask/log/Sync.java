package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.segment.Segment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One sync of a log: begun by the log's writer ([Log#beginSync]), run once on any thread, and ended by the
/// writer ([Log#endSync]), which decides whether it still counts.
///
/// Several may be in progress. Each covers everything that was not synced when it began, so they may run and
/// end in any order.
public final class Sync {

    /// A segment, and how many of its changes are covered.
    record Covered(Segment segment, long changes) {}

    /// Shared by all syncs of one log: they run one after the other, and after one has failed all others fail.
    /// The kernel reports lost bytes only once, so a second sync of the same file would succeed without them.
    static final class Health {
        private @Nullable IOException failure;

        /// Syncs the directory, so that files renamed by a merge survive a power failure.
        synchronized void syncDirectory(Disk disk, Path directory) throws IOException {
            if (failure != null) {
                throw new IOException("an earlier sync failed", failure);
            }
            try {
                disk.syncDirectory(directory);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }

    private final Disk disk;
    private final @Nullable Path directory;
    private final List<Covered> covered;
    private final long directoryChanges;
    private final long truncations;
    private final long sequence;
    private final Health health;

    Sync(
            Disk disk,
            @Nullable Path directory,
            long directoryChanges,
            List<Segment> segments,
            long truncations,
            long sequence,
            Health health) {
        this.disk = disk;
        this.directory = directory;
        this.directoryChanges = directoryChanges;
        this.covered = segments.stream()
                .map(segment -> new Covered(segment, segment.changes()))
                .toList();
        this.truncations = truncations;
        this.sequence = sequence;
        this.health = health;
        segments.forEach(Segment::hold);
    }

    /// Syncs all records that were in the log when the sync began: first the segments, oldest first, then the
    /// directory. Blocks.
    ///
    /// @throws IOException when the disk fails or failed in an earlier sync; the log must then not be written
    ///     to or synced again
    public void run() throws IOException {
        try {
            synchronized (health) {
                if (health.failure != null) {
                    throw new IOException("an earlier sync failed", health.failure);
                }
                syncAll();
            }
        } finally {
            for (Covered each : covered) {
                each.segment().release();
            }
        }
    }

    private void syncAll() throws IOException {
        try {
            for (Covered each : covered) {
                each.segment().file().sync();
            }
            if (directory != null) {
                disk.syncDirectory(directory);
            }
        } catch (IOException e) {
            health.failure = e;
            throw e;
        }
    }

    /// The number of truncations when the sync began.
    public long truncations() {
        return truncations;
    }

    /// The last record the sync covers.
    public long sequence() {
        return sequence;
    }

    List<Covered> covered() {
        return covered;
    }

    long directoryChanges() {
        return directoryChanges;
    }
}
