package io.caskade.bitcask.inspect;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.LittleEndian;
import io.caskade.bitcask.recovery.SegmentFiles;
import io.caskade.bitcask.segment.MergedHeader;
import io.caskade.bitcask.segment.SegmentFormat;
import io.caskade.bitcask.segment.SegmentFormat.HeaderFinding;
import io.caskade.bitcask.segment.SegmentName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads everything readable of a log, no matter how damaged it is. Changes nothing. One thread uses it.
public final class SalvageScan {

    private final Disk disk;
    private final int partition;
    private final SegmentFiles files;

    /// What was read before, and up to where gaps account for what is missing.
    private long last;

    private long coveredTo;
    private int epoch;
    private long completeAt;
    private long synced;
    private long lastCompleteFrom;
    private long time;
    private final List<ScannedSegment> parts = new ArrayList<>();

    /// One segment of the log.
    ///
    /// @param last the last sequence it has or covers, as far as it can be read
    /// @param completeAt up to where the log must reach for it to be right; 0 of one that is not merged
    public record ScannedSegment(Path file, boolean isMerged, long base, long last, long completeAt) {}

    private SalvageScan(Disk disk, int partition, SegmentFiles files) {
        this.disk = disk;
        this.partition = partition;
        this.files = files;
    }

    /// A scan of a directory that the caller has locked.
    public static SalvageScan of(Disk disk, Path directory, int partition) throws IOException {
        return new SalvageScan(disk, partition, SegmentFiles.list(disk, directory));
    }

    /// The partition that the first segment with a whole header names; nothing when there is none.
    public static Optional<Integer> partitionIn(Disk disk, Path directory) throws IOException {
        for (Path path : SegmentFiles.list(disk, directory).current()) {
            SegmentName name = SegmentName.require(path);
            try (DiskFile file = disk.openForReading(path)) {
                ByteBuffer header = LittleEndian.allocate(SegmentFormat.HEADER_BYTES);
                file.read(header, 0);
                if (header.flip().limit() == SegmentFormat.HEADER_BYTES) {
                    int claimed = SegmentFormat.partition(header);
                    boolean whole = name.isMerged()
                            ? MergedHeader.read(file, name, claimed).isPresent()
                            : SegmentFormat.check(header, claimed, name.base()) == HeaderFinding.INTACT;
                    if (whole) {
                        return Optional.of(claimed);
                    }
                }
            }
        }
        return Optional.empty();
    }

    /// The segments that are the log, oldest first.
    public List<Path> segments() {
        return files.current();
    }

    /// Segments replaced by a merged one, left by a crash.
    public List<Path> superseded() {
        return files.superseded();
    }

    /// What interrupted merges left behind.
    public List<Path> unfinished() {
        return files.unfinished();
    }

    /// How many bytes the log's segments have.
    public long bytes() throws IOException {
        long bytes = 0;
        for (Path path : files.current()) {
            try (DiskFile file = disk.openForReading(path)) {
                bytes += file.size();
            }
        }
        return bytes;
    }

    /// Reads the whole log.
    public void read(SalvageSink sink) throws IOException {
        last = 0;
        coveredTo = 0;
        epoch = 0;
        parts.clear();
        for (int i = 0; i < files.current().size(); i++) {
            boolean newest = i + 1 == files.current().size();
            long limit = newest
                    ? Long.MAX_VALUE
                    : SegmentName.require(files.current().get(i + 1)).base() - 1;
            Path path = files.current().get(i);
            try (DiskFile file = disk.openForReading(path)) {
                read(file, SegmentName.require(path), limit, coverageTracker(sink));
            }
        }
    }

    private void read(DiskFile file, SegmentName name, long nextBase, SalvageSink sink) throws IOException {
        List<String> wrong = new ArrayList<>();
        long from = name.isMerged() ? merged(file, name, wrong) : plain(file, name, wrong);
        long base = name.base();
        if (base <= coveredTo) {
            wrong.add("the segment begins with record " + base + " again");
        } else if (base > coveredTo + 1) {
            sink.gap(new Gap(
                    file.path(),
                    0,
                    0,
                    coveredTo + 1,
                    base - 1,
                    false,
                    "the segment begins with record " + base + " instead"));
        }
        for (String what : wrong) {
            sink.gap(new Gap(file.path(), 0, 0, base, 0, false, what));
        }
        sink.moved(from);
        long before = Math.max(last, base - 1);
        long limit = name.isMerged() ? name.last() : nextBase;
        SegmentSalvageScan scan = new SegmentSalvageScan(file, name.isMerged(), before, epoch, limit, sink);
        scan.run(from);
        last = name.isMerged() ? name.last() : scan.last();
        epoch = scan.epoch();
        coveredTo = Math.max(coveredTo, last);
        parts.add(new ScannedSegment(file.path(), name.isMerged(), base, last, name.isMerged() ? lastCompleteFrom : 0));
    }

    private long plain(DiskFile file, SegmentName name, List<String> wrong) throws IOException {
        ByteBuffer header = LittleEndian.allocate(SegmentFormat.HEADER_BYTES);
        file.read(header, 0);
        switch (SegmentFormat.check(header.flip(), partition, name.base())) {
            case TORN -> wrong.add("the segment's header is cut short or damaged");
            case OTHER_VERSION -> wrong.add("the segment is of another format version");
            case MISPLACED -> wrong.add("the header names another partition or base sequence");
            case INTACT -> synced = Math.max(synced, SegmentFormat.synced(header));
        }
        return Math.min(SegmentFormat.HEADER_BYTES, file.size());
    }

    private long merged(DiskFile file, SegmentName name, List<String> wrong) throws IOException {
        Optional<MergedHeader> header = MergedHeader.read(file, name, partition);
        if (header.isEmpty()) {
            wrong.add("the merged segment's header or length is damaged");
            lastCompleteFrom = 0;
            return Math.min(MergedHeader.bytes(1), file.size());
        }
        lastCompleteFrom = header.get().completeAt();
        completeAt = Math.max(completeAt, lastCompleteFrom);
        time = Math.max(time, header.get().time());
        synced = Math.max(synced, name.last());
        return header.get().bytes();
    }

    /// Holes say up to where it is known what is missing.
    private SalvageSink coverageTracker(SalvageSink sink) {
        return new SalvageSink() {
            @Override
            public void record(ByteBuffer bytes, int at, Path file, long offset) throws IOException {
                sink.record(bytes, at, file, offset);
            }

            @Override
            public void gap(Gap gap) throws IOException {
                coveredTo = Math.max(coveredTo, gap.last());
                sink.gap(gap);
            }

            @Override
            public void moved(long bytes) {
                sink.moved(bytes);
            }
        };
    }

    /// The record up to which merged segments and whole headers say that everything was committed or synced;
    /// valid after the scan.
    public long recoveryPoint() {
        return Math.max(completeAt, synced);
    }

    /// The log's segments, oldest first; valid after the scan.
    public List<ScannedSegment> parts() {
        return List.copyOf(parts);
    }

    /// The newest time that merges took away with its MARK, Unix milliseconds; valid after the scan.
    public long time() {
        return time;
    }

    /// The newest epoch of a record that was read.
    public int epoch() {
        return epoch;
    }
}
