package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One sync of a log: asked for by the log's writer ([Log#beginSync]), run once on any thread, and handed
/// back to the writer ([Log#endSync]), who alone decides whether it still counts.
public final class Sync {

    private final Disk disk;
    private final @Nullable Path directory;
    private final List<Segment> segments;
    private final long generation;
    private final long sequence;

    Sync(Disk disk, @Nullable Path directory, List<Segment> segments, long generation, long sequence) {
        this.disk = disk;
        this.directory = directory;
        this.segments = segments;
        this.generation = generation;
        this.sequence = sequence;
        segments.forEach(Segment::hold);
    }

    /// Makes all records that were in the log when the sync was asked for last: bytes first, oldest segment
    /// first, then the names of new segments. Blocks.
    ///
    /// @throws IOException when the disk fails; the log must then not be written to or synced again
    public void run() throws IOException {
        try {
            for (Segment segment : segments) {
                segment.file().sync();
            }
            if (directory != null) {
                disk.syncDirectory(directory);
            }
        } finally {
            for (Segment segment : segments) {
                segment.release();
            }
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
}
