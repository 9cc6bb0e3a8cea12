package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.log.SegmentFormat.HeaderFinding;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds out, when a log is opened, which of its bytes count.
///
/// The *floor* is the sequence up to which everything is known to have been committed and synced: the
/// greatest of the watermark the caller has persisted and the watermarks that whole MARKs name, wherever they
/// are found. Whatever is wrong above the floor was never acknowledged and is cut away; whatever is wrong at
/// or below it is damage and is refused:
///
/// | case | found | decision |
/// |---|---|---|
/// | WHOLE | every segment continues the one before; the newest ends with a whole batch | keep all |
/// | TORN_TAIL | in the newest segment: a record cut short, zeros, junk, half a batch; the floor is kept | cut |
/// | TORN_MIDDLE | the same in an older segment; the floor is kept | cut there, drop the newer ones |
/// | TORN_HEADER | the newest segment has no whole header; the floor is kept | drop the segment |
/// | DAMAGE | any of the three, but the floor is not kept, or whole records follow a torn header | refuse |
/// | SHORT | all is whole, but ends before the floor | refuse |
/// | GAP | a segment does not begin where the one before ends, which itself is whole | refuse |
/// | FOREIGN | a whole header of another format version, partition or base sequence | refuse |
///
/// Nothing is changed on disk until the decision is made.
final class Recovery {

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    /// What recovery kept: the segments, oldest first, and where the log ends.
    record Recovered(List<Segment> segments, long end, EpochHistory epochs, long floor) {}

    private final Disk disk;
    private final Path directory;
    private final LogOptions options;
    private final RecordSink sink;

    private final List<Segment> kept = new ArrayList<>();
    private EpochHistory epochs = EpochHistory.EMPTY;
    private long end;
    private int epoch;
    private long floor;

    private Recovery(Disk disk, Path directory, LogOptions options, long persistedFloor, RecordSink sink) {
        this.disk = disk;
        this.directory = directory;
        this.options = options;
        this.floor = persistedFloor;
        this.sink = sink;
    }

    /// Recovers the log in a directory the caller has locked, showing each record that is kept to the sink.
    static Recovered recover(Disk disk, Path directory, LogOptions options, long persistedFloor, RecordSink sink)
            throws IOException {
        Recovery recovery = new Recovery(disk, directory, options, persistedFloor, sink);
        boolean done = false;
        try {
            recovery.run();
            done = true;
            return new Recovered(List.copyOf(recovery.kept), recovery.end, recovery.epochs, recovery.floor);
        } finally {
            if (!done) {
                recovery.closeKept();
            }
        }
    }

    private void closeKept() throws IOException {
        for (Segment segment : kept) {
            segment.release();
        }
    }

    private void run() throws IOException {
        List<Path> files = segmentFiles();
        for (int i = 0; i < files.size(); i++) {
            List<Path> newer = files.subList(i + 1, files.size());
            if (!recoverSegment(files.get(i), newer)) {
                return;
            }
        }
        if (end < floor) {
            Path place = files.isEmpty() ? directory : files.getLast();
            long offset = files.isEmpty() ? 0 : kept.getLast().end();
            throw new DamagedLogException(
                    place, offset, end + 1, "the log ends here, but records up to " + floor + " were committed");
        }
    }

    private List<Path> segmentFiles() throws IOException {
        return disk.list(directory).stream()
                .filter(file -> SegmentFormat.baseSequence(file).isPresent())
                .sorted(Comparator.comparing(Path::toString))
                .toList();
    }

    /// Takes one segment in.
    ///
    /// @return false when the log was cut in it
    private boolean recoverSegment(Path path, List<Path> newer) throws IOException {
        long base = baseSequence(path);
        DiskFile file = disk.open(path);
        Segment segment = new Segment(kept.size(), base, file, SegmentFormat.HEADER_BYTES);
        kept.add(segment);
        switch (header(file, base)) {
            case TORN -> {
                return tornHeader(segment, newer);
            }
            case OTHER_VERSION ->
                throw new DamagedLogException(path, 0, base, "the segment is of another format version");
            case MISPLACED ->
                throw new DamagedLogException(path, 0, base, "the header names another partition or base sequence");
            case INTACT -> {
                if (base != end + 1) {
                    throw new DamagedLogException(
                            path, 0, end + 1, "the segment begins with record " + base + " instead");
                }
            }
        }
        SegmentScanner scanner = new SegmentScanner(file, end, epoch);
        while (scanner.next()) {
            scanner.show(segment.number(), this::keep);
        }
        segment.recovered(scanner.end());
        return scanner.stoppedBy().isEmpty() || cutOrRefuse(segment, scanner.end(), newer, scanner.stoppedBy());
    }

    /// A header and the record behind it share a disk sector: no power failure loses the one and keeps the
    /// other.
    private boolean tornHeader(Segment segment, List<Path> newer) throws IOException {
        String found = "the segment's header is cut short or damaged";
        if (new SegmentScanner(segment.file(), end, epoch).next()) {
            throw new DamagedLogException(segment.file().path(), 0, end + 1, found + ", but whole records follow it");
        }
        return cutOrRefuse(segment, 0, newer, found);
    }

    private static long baseSequence(Path path) {
        OptionalLong base = SegmentFormat.baseSequence(path);
        return base.orElseThrow();
    }

    private HeaderFinding header(DiskFile file, long base) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(SegmentFormat.HEADER_BYTES);
        file.read(header, 0);
        return SegmentFormat.check(header.flip(), options.partition(), base);
    }

    private void keep(ByteBuffer bytes, int at, long location) {
        end = RecordFormat.sequence(bytes, at);
        epoch = RecordFormat.epoch(bytes, at);
        epochs = epochs.with(epoch, end);
        if (RecordFormat.kind(bytes, at) == RecordKind.MARK) {
            floor = Math.max(floor, RecordFormat.markWatermark(bytes, at));
        }
        sink.accept(bytes, at, location);
    }

    private boolean cutOrRefuse(Segment segment, long offset, List<Path> newer, String found) throws IOException {
        floor = Math.max(floor, watermarkBeyond(segment.file(), offset, newer));
        Path path = segment.file().path();
        if (end < floor) {
            throw new DamagedLogException(
                    path, offset, end + 1, found + "; records up to " + floor + " were committed");
        }
        LOG.info(
                "{}: cut at offset {}, after record {}: {}; nothing beyond was acknowledged", path, offset, end, found);
        cut(segment, newer);
        return false;
    }

    private long watermarkBeyond(DiskFile file, long offset, List<Path> newer) throws IOException {
        long watermark = MarkSearch.greatestWatermark(file, offset, end);
        for (Path path : newer) {
            try (DiskFile next = disk.open(path)) {
                watermark = Math.max(watermark, MarkSearch.greatestWatermark(next, 0, end));
            }
        }
        return watermark;
    }

    /// The newest goes first, so that a crash on the way leaves a log that is cut the same way again.
    private void cut(Segment segment, List<Path> newer) throws IOException {
        for (Path path : newer.reversed()) {
            disk.delete(path);
        }
        boolean empty = segment.end() == SegmentFormat.HEADER_BYTES;
        if (empty) {
            kept.removeLast();
            segment.release();
            disk.delete(segment.file().path());
        } else {
            segment.truncate(segment.end());
            segment.file().sync();
        }
        disk.syncDirectory(directory);
    }
}
