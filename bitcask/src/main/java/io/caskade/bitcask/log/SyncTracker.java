package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.segment.Segment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/// Tracks which changes of a log's files are synced, and up to which record. Only the writer calls it.
final class SyncTracker {

    private final Disk disk;
    private final Path directory;
    private final LogSegments segments;
    private final Sync.Health health = new Sync.Health();

    /// All that have changes which are not synced, oldest first, and some that have none.
    private final Set<Segment> unsynced = new LinkedHashSet<>();

    private long durableEnd;

    /// The number of truncations: a sync that began before one does not cover what was written after it.
    private long truncations;

    /// Changes of the directory (segments created or deleted), and how many of them are synced.
    private long directoryChanges;

    private long syncedDirectoryChanges;

    SyncTracker(Disk disk, Path directory, LogSegments segments) {
        this.disk = disk;
        this.directory = directory;
        this.segments = segments;
    }

    long durableEnd() {
        return durableEnd;
    }

    long truncations() {
        return truncations;
    }

    Sync.Health health() {
        return health;
    }

    /// How many segments a sync looks at.
    int candidates() {
        return unsynced.size();
    }

    /// Syncs all that an opening found, once what is not known to be synced is rewritten: whole segments,
    /// header included, which costs little more than finding the place. Always syncs the newest: the last
    /// process may have truncated it without syncing.
    ///
    /// @param synced the last record that is known to be synced
    void syncOpened(long synced, long end) throws IOException {
        Segment newest = segments.newest();
        if (newest != null) {
            newest.markDirty();
        }
        long last = end;
        for (Segment segment : segments.newestFirst()) {
            if (last > synced || segment.isEmpty()) {
                rewrite(segment);
            }
            last = segment.baseSequence() - 1;
        }
        segments.oldestFirst().stream().filter(Segment::isUnsynced).forEach(unsynced::add);
        onDirectoryChanged();
        Sync sync = begin(end);
        sync.run();
        end(sync);
    }

    private void rewrite(Segment segment) throws IOException {
        if (!segment.detach(disk)) {
            segment.rewrite();
        }
    }

    /// The directory was changed.
    void onDirectoryChanged() {
        directoryChanges++;
    }

    /// A segment was changed.
    void onChanged(Segment segment) {
        unsynced.add(segment);
    }

    /// A segment left the log.
    void onRemoved(Segment segment) {
        unsynced.remove(segment);
    }

    /// All records after `last` are about to be removed: no sync that has begun counts any more.
    void onTruncated(long last) {
        truncations++;
        durableEnd = Math.min(durableEnd, last);
    }

    /// Begins a sync of everything up to the log's end.
    Sync begin(long end) {
        Segment newest = segments.newest();
        unsynced.removeIf(segment -> segment != newest && !segment.isUnsynced());
        return new Sync(
                disk,
                syncedDirectoryChanges < directoryChanges ? directory : null,
                directoryChanges,
                unsynced.stream().filter(Segment::isUnsynced).toList(),
                truncations,
                end,
                health);
    }

    /// Ends a successful sync. It does not count if the log was truncated meanwhile.
    ///
    /// @return whether the durable end moved
    boolean end(Sync sync) {
        if (sync.truncations() != truncations) {
            return false;
        }
        Segment newest = segments.newest();
        for (Sync.Covered each : sync.covered()) {
            each.segment().markSynced(each.changes());
            if (each.segment() != newest) {
                each.segment().rest();
            }
        }
        syncedDirectoryChanges = Math.max(syncedDirectoryChanges, sync.directoryChanges());
        if (sync.sequence() <= durableEnd) {
            return false;
        }
        durableEnd = sync.sequence();
        return true;
    }
}
