package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.FileCopies;
import io.caskade.bitcask.hint.HintFormat;
import io.caskade.bitcask.segment.Segment;
import io.caskade.bitcask.segment.SegmentScanner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Copies the log up to a record into another directory: begun by the log's writer ([Log#beginSnapshot]), run
/// once on any thread and always closed.
///
/// Sealed segments are linked, with their hints. The last one is copied up to that record, because opening the
/// other directory writes to it.
public final class LogSnapshot implements AutoCloseable {

    private final Disk disk;
    private final List<Segment> segments;
    private final long last;

    private int linkedFiles;
    private long copiedBytes;

    LogSnapshot(Disk disk, List<Segment> segments, long last) {
        this.disk = disk;
        this.segments = List.copyOf(segments);
        this.last = last;
        for (Segment segment : segments) {
            segment.hold();
        }
    }

    /// Fills an empty directory, which it does not sync. Blocks. No merge may delete segments meanwhile.
    public void run(Path directory) throws IOException {
        for (Segment segment : segments) {
            if (segment == segments.getLast()) {
                copy(segment, directory);
            } else {
                link(segment.file().path(), directory);
                Path hint = HintFormat.pathFor(segment.file().path());
                if (disk.exists(hint)) {
                    link(hint, directory);
                }
            }
        }
    }

    /// Releases the segments' files, which stay open until then even if a merge replaces them.
    @Override
    public void close() throws IOException {
        for (Segment segment : segments) {
            segment.release();
        }
    }

    private void link(Path file, Path directory) throws IOException {
        if (FileCopies.linkOrCopy(disk, file, directory.resolve(String.valueOf(file.getFileName())))) {
            linkedFiles++;
        } else {
            try (DiskFile copied = disk.openForReading(file)) {
                copiedBytes += copied.size();
            }
        }
    }

    private void copy(Segment segment, Path directory) throws IOException {
        DiskFile file = segment.file();
        long bytes = SegmentScanner.endOf(segment, last);
        FileCopies.copy(
                disk, file, bytes, directory.resolve(String.valueOf(file.path().getFileName())));
        copiedBytes += bytes;
    }

    /// The number of linked files; valid after [#run].
    public int linkedFiles() {
        return linkedFiles;
    }

    /// The number of copied bytes; valid after [#run].
    public long copiedBytes() {
        return copiedBytes;
    }
}
