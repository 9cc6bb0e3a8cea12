package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.log.SegmentFormat.HeaderFinding;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// All that can be read of the log in a directory, whatever is wrong with it. Changes nothing. One thread uses it.
public final class LogSurvey {

    private final Disk disk;
    private final int partition;
    private final SegmentFiles files;

    /// What was read before, and up to where holes account for what is missing.
    private long last;

    private long accounted;
    private int epoch;
    private long needed;
    private long synced;
    private long neededByLast;
    private long time;
    private final List<Part> parts = new ArrayList<>();

    /// One segment of the log.
    ///
    /// @param last the last sequence it has or covers, as far as it can be read
    /// @param needed up to where the log must reach for it to be right; 0 of one that is not merged
    public record Part(Path file, boolean isMerged, long base, long last, long needed) {}

    private LogSurvey(Disk disk, int partition, SegmentFiles files) {
        this.disk = disk;
        this.partition = partition;
        this.files = files;
    }

    /// A survey of a directory that the caller has locked.
    public static LogSurvey of(Disk disk, Path directory, int partition) throws IOException {
        return new LogSurvey(disk, partition, SegmentFiles.list(disk, directory));
    }

    /// The partition that the first segment with a whole header names; nothing when there is none.
    public static Optional<Integer> partitionIn(Disk disk, Path directory) throws IOException {
        for (Path path : SegmentFiles.list(disk, directory).current()) {
            SegmentName name = SegmentFiles.name(path);
            try (DiskFile file = disk.open(path)) {
                ByteBuffer header = HintFormat.allocate(SegmentFormat.HEADER_BYTES);
                file.read(header, 0);
                if (header.flip().limit() == SegmentFormat.HEADER_BYTES) {
                    int claimed = header.getInt(12);
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

    /// Segments that a merged one stands for, left by a crash.
    public List<Path> superseded() {
        return files.superseded();
    }

    /// What merges that were broken off have left.
    public List<Path> unfinished() {
        return files.unfinished();
    }

    /// How many bytes the log's segments have.
    public long bytes() throws IOException {
        long bytes = 0;
        for (Path path : files.current()) {
            try (DiskFile file = disk.open(path)) {
                bytes += file.size();
            }
        }
        return bytes;
    }

    /// Reads the whole log.
    public void read(SurveySink sink) throws IOException {
        last = 0;
        accounted = 0;
        epoch = 0;
        parts.clear();
        for (int i = 0; i < files.current().size(); i++) {
            boolean newest = i + 1 == files.current().size();
            long limit = newest
                    ? Long.MAX_VALUE
                    : SegmentFiles.name(files.current().get(i + 1)).base() - 1;
            Path path = files.current().get(i);
            try (DiskFile file = disk.open(path)) {
                read(file, SegmentFiles.name(path), limit, accounting(sink));
            }
        }
    }

    private void read(DiskFile file, SegmentName name, long nextBase, SurveySink sink) throws IOException {
        List<String> wrong = new ArrayList<>();
        long from = name.isMerged() ? merged(file, name, wrong) : plain(file, name, wrong);
        long base = name.base();
        if (base <= accounted) {
            wrong.add("the segment begins with record " + base + " again");
        } else if (base > accounted + 1) {
            sink.hole(new Hole(
                    file.path(),
                    0,
                    0,
                    accounted + 1,
                    base - 1,
                    false,
                    "the segment begins with record " + base + " instead"));
        }
        for (String what : wrong) {
            sink.hole(new Hole(file.path(), 0, 0, base, 0, false, what));
        }
        sink.moved(from);
        long before = Math.max(last, base - 1);
        long limit = name.isMerged() ? name.last() : nextBase;
        SegmentSurvey survey = new SegmentSurvey(file, name.isMerged(), before, epoch, limit, sink);
        survey.run(from);
        last = name.isMerged() ? name.last() : survey.last();
        epoch = survey.epoch();
        accounted = Math.max(accounted, last);
        parts.add(new Part(file.path(), name.isMerged(), base, last, name.isMerged() ? neededByLast : 0));
    }

    private long plain(DiskFile file, SegmentName name, List<String> wrong) throws IOException {
        ByteBuffer header = HintFormat.allocate(SegmentFormat.HEADER_BYTES);
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
            neededByLast = 0;
            return Math.min(MergedHeader.bytes(1), file.size());
        }
        neededByLast = header.get().needed();
        needed = Math.max(needed, neededByLast);
        time = Math.max(time, header.get().time());
        synced = Math.max(synced, name.last());
        return header.get().bytes();
    }

    /// Holes say up to where it is known what is missing.
    private SurveySink accounting(SurveySink sink) {
        return new SurveySink() {
            @Override
            public void record(ByteBuffer bytes, int at, Path file, long offset) throws IOException {
                sink.record(bytes, at, file, offset);
            }

            @Override
            public void hole(Hole hole) throws IOException {
                accounted = Math.max(accounted, hole.last());
                sink.hole(hole);
            }

            @Override
            public void moved(long bytes) {
                sink.moved(bytes);
            }
        };
    }

    /// The record up to which merged segments and whole headers say that everything was committed or synced; good
    /// once it has been read.
    public long floor() {
        return Math.max(needed, synced);
    }

    /// The log's segments, oldest first; good once it has been read.
    public List<Part> parts() {
        return List.copyOf(parts);
    }

    /// The newest time that merges took away with its MARK, Unix milliseconds; good once it has been read.
    public long time() {
        return time;
    }

    /// The newest epoch of a record that was read.
    public int epoch() {
        return epoch;
    }
}
