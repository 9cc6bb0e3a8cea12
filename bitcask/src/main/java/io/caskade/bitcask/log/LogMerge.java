package io.caskade.bitcask.log;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.DiskFullException;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.LittleEndian;
import io.caskade.bitcask.disk.Unmapper;
import io.caskade.bitcask.record.EpochHistory;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordKind;
import io.caskade.bitcask.record.RecordSink;
import io.caskade.bitcask.recovery.SegmentFiles;
import io.caskade.bitcask.segment.MergedHeader;
import io.caskade.bitcask.segment.Segment;
import io.caskade.bitcask.segment.SegmentFormat;
import io.caskade.bitcask.segment.SegmentName;
import io.caskade.bitcask.segment.SegmentScanner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Rewrites a run of adjacent sealed segments into one without their dead records. Begun by the log's writer
/// ([Log#beginMerge]); the steps run in this order:
///
/// | step | thread | a crash leaves |
/// |---|---|---|
/// | [#rewrite] | any | the old segments and an ignored file |
/// | [#publish] | any | the old segments, or after the rename the merged one |
/// | [Log#replaceSegments] | writer | the same |
/// | [Log#retireReplaced] | writer | the same |
/// | [#deleteOld] | any | the merged segment and some of the old |
///
/// Between `replaceSegments` and `retireReplaced`, readers find records in both places. [#abandon] gives up
/// before publish, [#withdraw] between publish and [Log#replaceSegments].
public final class LogMerge {

    private static final Logger LOG = LoggerFactory.getLogger(LogMerge.class);

    private static final int BUFFER_BYTES = 1 << 20;

    /// Maximum unsynced output: a long sync delays the writers of other files.
    private static final int MAX_UNSYNCED_BYTES = 4 << 20;

    /// What a merge does with a record.
    public enum Decision {
        /// Keep the record.
        KEPT,
        /// Replace the record by a TOMBSTONE, which hides older ones.
        KEPT_AS_TOMBSTONE,
        /// Drop the record.
        DROPPED
    }

    /// What is merged.
    ///
    /// @param segments adjacent ones, oldest first
    /// @param last the last sequence of the last of them
    /// @param dead the numbers of those without a record to keep
    /// @param deadTime a committed log time that no MARK in the dead ones is newer than
    record Input(List<Segment> segments, long last, Set<Integer> dead, long deadTime) {}

    /// Decides record by record what a merge keeps. MARKs are not passed to it: the header summarizes them.
    @FunctionalInterface
    public interface RecordFilter {
        /// Decides about a record, which will be at `newLocation` if it is kept. Called in the order of
        /// sequences.
        Decision judge(ByteBuffer bytes, int at, long oldLocation, long newLocation);
    }

    /// Limits the rate of a background task.
    @FunctionalInterface
    public interface Pacer {
        /// Called after that many more bytes were read and written. May block.
        void moved(long bytes);
    }

    /// What is done after each batch that is read again.
    @FunctionalInterface
    public interface BatchEnd {
        /// Does it.
        void run() throws IOException;
    }

    private final Disk disk;
    private final Path directory;
    private final int partition;
    private final Input run;
    private final SegmentName name;
    private final int number;
    private final List<EpochHistory.Start> epochs;
    private final Sync.Health health;

    private final LogSegments log;

    /// The numbers of the old segments in locations.
    private final Set<Integer> oldNumbers;

    private ByteBuffer buffer = LittleEndian.allocate(BUFFER_BYTES);
    private @Nullable DiskFile output;
    private @Nullable Segment merged;
    private boolean renaming;
    private long written;
    private long synced;

    /// How much of the output is counted among the log's files.
    private long counted;

    private long time;

    LogMerge(
            Disk disk,
            Path directory,
            int partition,
            Input run,
            int number,
            List<EpochHistory.Start> epochs,
            Sync.Health health,
            LogSegments log) {
        this.disk = disk;
        this.directory = directory;
        this.partition = partition;
        this.run = run;
        int generation =
                1 + run.segments().stream().mapToInt(Segment::generation).max().orElse(0);
        this.name = new SegmentName(run.segments().getFirst().baseSequence(), run.last(), generation);
        this.log = log;
        this.number = number;
        this.epochs = List.copyOf(epochs);
        this.health = health;
        this.oldNumbers = run.segments().stream().map(Segment::number).collect(Collectors.toUnmodifiableSet());
        this.written = MergedHeader.bytes(epochs.size());
    }

    /// The last sequence the run covers.
    public long last() {
        return name.last();
    }

    /// The number of the merged segment in locations.
    public int number() {
        return number;
    }

    /// The size of the run in bytes.
    public long inputBytes() {
        return run.segments().stream().mapToLong(Segment::end).sum();
    }

    /// Checks that the disk has enough free bytes.
    ///
    /// @throws DiskFullException when it has not
    public void requireDiskSpace(long bytes) throws IOException {
        long free = disk.freeBytes(directory);
        if (free < bytes) {
            throw new DiskFullException(newFile(), new IOException("a merge needs " + bytes + " bytes of " + free));
        }
    }

    /// The size of the output of [#rewrite].
    public long outputBytes() {
        return written;
    }

    List<Segment> run() {
        return run.segments();
    }

    Segment merged() {
        Segment segment = merged;
        if (segment == null) {
            throw new IllegalStateException("the merge is not published yet");
        }
        return segment;
    }

    /// Reads the run's segments that have records to keep, verifying each record, and writes those, syncing in
    /// parts. Blocks.
    ///
    /// @throws io.caskade.bitcask.DamagedLogException when a segment's bytes are not what was written
    public void rewrite(RecordFilter judge, Pacer pacer) throws IOException {
        Path newFile = newFile();
        if (disk.exists(newFile)) {
            disk.delete(newFile);
        }
        output = disk.create(newFile);
        List<Segment> segments = run.segments();
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            long last = i + 1 < segments.size() ? segments.get(i + 1).baseSequence() - 1 : name.last();
            if (run.dead().contains(segment.number())) {
                time = Math.max(time, run.deadTime());
                continue;
            }
            segment.hold();
            try {
                rewrite(segment, last, judge, pacer);
            } finally {
                segment.release();
            }
        }
        flush();
    }

    /// Reads the merged segment's records again, after [Log#replaceSegments]. Blocks.
    ///
    /// @throws io.caskade.bitcask.DamagedLogException when its bytes are not what was written
    public void readMerged(RecordSink sink, BatchEnd batchEnd) throws IOException {
        readAgain(merged(), sink, batchEnd);
    }

    /// Reads the records of the old segments again that are not dead, before [#deleteOld]. Blocks.
    ///
    /// @throws io.caskade.bitcask.DamagedLogException when their bytes are not what was written
    public void readOld(RecordSink sink, BatchEnd batchEnd) throws IOException {
        for (Segment segment : run.segments()) {
            if (!run.dead().contains(segment.number())) {
                readAgain(segment, sink, batchEnd);
            }
        }
    }

    private static void readAgain(Segment segment, RecordSink sink, BatchEnd batchEnd) throws IOException {
        SegmentScanner scanner = SegmentScanner.of(segment);
        while (scanner.next()) {
            scanner.show(segment.number(), sink);
            batchEnd.run();
        }
        if (scanner.end() != segment.end()) {
            throw new DamagedLogException(
                    segment.file().path(), scanner.end(), segment.baseSequence(), scanner.stoppedBy());
        }
    }

    /// Whether a location is in one of the old segments.
    public boolean isOld(long location) {
        return location != Location.NONE && oldNumbers.contains(Location.segment(location));
    }

    private void rewrite(Segment segment, long last, RecordFilter judge, Pacer pacer) throws IOException {
        time = Math.max(time, segment.mergedTime());
        SegmentScanner scanner = SegmentScanner.of(segment);
        while (scanner.next()) {
            long before = written;
            scanner.show(segment.number(), (bytes, at, location) -> judge(judge, bytes, at, location));
            pacer.moved(scanner.batchBytes() + written - before);
            flushIfFull();
        }
        scanner.requireWhole(segment, last);
    }

    private void judge(RecordFilter judge, ByteBuffer bytes, int at, long location) {
        if (RecordFormat.kind(bytes, at) == RecordKind.MARK) {
            time = Math.max(time, RecordFormat.markTime(bytes, at));
            return;
        }
        int length = RecordFormat.trustedLength(bytes, at);
        switch (judge.judge(bytes, at, location, Location.of(number, written, length))) {
            case KEPT -> keep(bytes, at, length);
            case KEPT_AS_TOMBSTONE -> keepAsTombstone(bytes, at);
            case DROPPED -> {}
        }
    }

    private void keep(ByteBuffer bytes, int at, int length) {
        int to = copy(bytes, at, length);
        if (!RecordFormat.endsBatch(bytes, at)) {
            buffer.put(to + RecordFormat.FLAGS, (byte) 0);
            buffer.putInt(to + RecordFormat.CRC, RecordFormat.checksum(buffer, to, length));
        }
    }

    private void keepAsTombstone(ByteBuffer bytes, int at) {
        int length = RecordFormat.tombstoneLength(bytes, at);
        int to = copy(bytes, at, length);
        buffer.put(to + RecordFormat.KIND, RecordKind.TOMBSTONE.code())
                .put(to + RecordFormat.FLAGS, (byte) 0)
                .putInt(to + RecordFormat.VALUE_LENGTH, 0)
                .putLong(to + RecordFormat.EXPIRES_AT, 0)
                .putInt(to + RecordFormat.CRC, RecordFormat.checksum(buffer, to, length));
    }

    private int copy(ByteBuffer bytes, int at, int length) {
        int to = reserve(length);
        buffer.put(to, bytes, at, length).position(to + length);
        written += length;
        return to;
    }

    private int reserve(int length) {
        if (buffer.remaining() < length) {
            int wanted = Math.addExact(buffer.position(), length);
            buffer = LittleEndian.allocate(
                            Math.max(wanted, Math.clamp(2L * buffer.capacity(), 0, Integer.MAX_VALUE - 8)))
                    .put(buffer.flip());
        }
        return buffer.position();
    }

    private void flushIfFull() throws IOException {
        if (buffer.position() >= BUFFER_BYTES / 2) {
            flush();
        }
    }

    private void flush() throws IOException {
        buffer.flip();
        int length = buffer.limit();
        if (length > 0) {
            opened().write(buffer, written - length);
            grow(written);
        }
        buffer.clear();
        if (written - synced >= MAX_UNSYNCED_BYTES) {
            opened().sync();
            synced = written;
        }
    }

    private void grow(long bytes) {
        log.addFileBytes(bytes - counted);
        counted = bytes;
    }

    private DiskFile opened() {
        DiskFile file = output;
        if (file == null) {
            throw new IllegalStateException("nothing was written");
        }
        return file;
    }

    /// Syncs the merged segment and renames it into place; it then replaces the old ones. Blocks.
    ///
    /// @param completeAt the last record on which any decision to drop a record depends; all records up to it
    ///     are committed and synced
    /// @throws IOException when the disk fails; the log must be fenced unless [#abandon] is possible
    public void publish(long completeAt) throws IOException {
        MergedHeader header = new MergedHeader(name, partition, completeAt, time, written, epochs);
        DiskFile file = opened();
        file.write(header.encode(), 0);
        grow(written);
        file.sync();
        file.close();
        Path path = directory.resolve(name.fileName());
        output = null;
        renaming = true;
        disk.rename(newFile(), path);
        merged = Segment.merged(number, disk.open(path), header);
        health.syncDirectory(disk, directory);
    }

    /// Gives up.
    ///
    /// @return false when it is too late: the rename may have happened
    public boolean abandon() {
        DiskFile file = output;
        output = null;
        if (file != null) {
            try {
                file.close();
                disk.delete(newFile());
                grow(0);
            } catch (IOException e) {
                LOG.warn("{}: could not be deleted; the next opening or merge deletes it", newFile(), e);
            }
        }
        return !renaming;
    }

    /// Deletes the published segment. The old ones are valid again.
    ///
    /// @throws IOException when it may still exist: the log must be fenced
    public void withdraw() throws IOException {
        merged().release();
        disk.delete(directory.resolve(name.fileName()));
        grow(0);
        health.syncDirectory(disk, directory);
    }

    /// Deletes the old segments' files and returns when their space is free, unless readers hold them: the next
    /// merge may need it. Opening the log deletes what a crash leaves. Blocks.
    public void deleteOld() throws IOException {
        long deleted = 0;
        for (Segment segment : run.segments()) {
            segment.markDeleted();
            segment.release();
            SegmentFiles.deleteWithHint(disk, segment.file().path());
            deleted += segment.fileBytes() + segment.hintBytes();
        }
        Unmapper.await();
        log.addFileBytes(-deleted);
    }

    private Path newFile() {
        return directory.resolve(name.fileName() + SegmentFormat.NEW_SUFFIX);
    }
}
