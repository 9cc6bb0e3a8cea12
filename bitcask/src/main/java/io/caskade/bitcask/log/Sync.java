package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One sync of a log: asked for by the log's writer ([Log#beginSync]), run once on any thread, and handed
/// back to the writer ([Log#endSync]), who alone decides whether it still counts.
///
/// Several may be under way. Each covers all that is not known to be synced when it is asked for, whatever
/// others cover, so it does not matter in which order they are run and handed back.
public final class Sync {

    /// A segment, and which of its changes are covered.
    record Part(Segment segment, long changes) {}

    /// What all syncs of one log share: they run one after the other, and after one has failed all others do.
    /// The system tells of lost bytes only once, so a second sync of the same file would succeed without
    /// them.
    static final class Health {
        private @Nullable IOException failure;

        /// Makes names last that were not made by the log's writer.
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
    private final List<Part> parts;
    private final long directoryChanges;
    private final long generation;
    private final long sequence;
    private final Health health;

    Sync(
            Disk disk,
            @Nullable Path directory,
            long directoryChanges,
            List<Segment> segments,
            long generation,
            long sequence,
            Health health) {
        this.disk = disk;
        this.directory = directory;
        this.directoryChanges = directoryChanges;
        this.parts = segments.stream()
                .map(segment -> new Part(segment, segment.changes()))
                .toList();
        this.generation = generation;
        this.sequence = sequence;
        this.health = health;
        segments.forEach(Segment::hold);
    }

    /// Makes all records that were in the log when the sync was asked for last: bytes first, oldest segment
    /// first, then the names of new segments. Blocks.
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
            for (Part part : parts) {
                part.segment().release();
            }
        }
    }

    private void syncAll() throws IOException {
        try {
            for (Part part : parts) {
                part.segment().file().sync();
            }
            if (directory != null) {
                disk.syncDirectory(directory);
            }
        } catch (IOException e) {
            health.failure = e;
            throw e;
        }
    }

    /// The generation of the log the sync was asked in.
    public long generation() {
        return generation;
    }

    /// The last record the sync covers.
    public long sequence() {
        return sequence;
    }

    List<Part> parts() {
        return parts;
    }

    long directoryChanges() {
        return directoryChanges;
    }
}
