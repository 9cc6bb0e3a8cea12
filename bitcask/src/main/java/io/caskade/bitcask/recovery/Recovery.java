package io.caskade.bitcask.recovery;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.hint.Hint;
import io.caskade.bitcask.hint.HintEstimate;
import io.caskade.bitcask.hint.HintLoader;
import io.caskade.bitcask.hint.Parallelism;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.record.EpochHistory;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordFrame;
import io.caskade.bitcask.record.RecordKind;
import io.caskade.bitcask.segment.MergedHeader;
import io.caskade.bitcask.segment.Segment;
import io.caskade.bitcask.segment.SegmentFormat;
import io.caskade.bitcask.segment.SegmentFormat.HeaderFinding;
import io.caskade.bitcask.segment.SegmentName;
import io.caskade.bitcask.segment.SegmentScanner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides which bytes of a log are kept when it is opened.
///
/// The *recovery point* is the record up to which everything is known to have been committed or synced: the
/// greatest of what the caller has persisted, what whole MARKs say was committed and what whole headers say was
/// synced, wherever they are found. Any defect above the recovery point was never acknowledged and is
/// truncated; any defect at or below it is damage and is refused:
///
/// | case | found | recovery point kept | recovery point not kept |
/// |---|---|---|---|
/// | WHOLE | all segments line up and end with a whole batch | keep all | SHORT: refuse |
/// | TORN_TAIL | in the newest: a record cut short, zeros, junk, half a batch | cut there | DAMAGE: refuse |
/// | PREALLOCATED | zeros at the end of an older segment, and the next continues the log | cut them, keep all | SHORT |
/// | TORN_MIDDLE | the same in an older segment | cut there, drop the newer | DAMAGE: refuse |
/// | TORN_HEADER | a segment without a whole header, and no whole record after it | drop it and the newer | DAMAGE |
/// | GAP | a segment begins beyond the end of the one before, which is whole | drop it and the newer | DAMAGE |
/// | DAMAGE | whole records after a header that is not | refuse | refuse |
/// | OVERLAP | a segment begins before the end of the one before | refuse | refuse |
/// | MERGED | a merged segment that is not whole, or does not begin where the log ends | refuse | refuse |
/// | SUPERSEDED | a segment within the span of a merged one | delete it | delete it |
/// | FOREIGN | a whole header of another format version, partition or base | refuse | refuse |
///
/// An older segment may be torn, or end early, because the newer one was written before it was synced. It may
/// end with zeros because what it had reserved was cut off and that was not synced.
///
/// All segments but the newest may have a hint, which says what their records are and, since it was written
/// after they were committed and synced, that the recovery point is at their end. What it finds is as if the
/// records had been read, except for damage within the segment, which goes unnoticed until the record is read:
///
/// | case | found for an older segment | decision |
/// |---|---|---|
/// | HINTED | a hint that is whole, made with this secret, and fits the segment's length, header, last record | take it
/// |
/// | NO_HINT | no hint, or one cut short, damaged, empty, of another version, partition or secret | read the segment |
/// | STALE_HINT | a whole hint that does not fit | read the segment |
///
/// Nothing is changed on disk until the decision is made.
public final class Recovery {

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    /// What recovery kept: the segments, oldest first, the log end, and up to where it is known to be synced on
    /// this disk.
    public record Recovered(List<Segment> segments, long end, EpochHistory epochs, long synced) {}

    private final Disk disk;
    private final Path directory;
    private final int partition;
    private final Parallelism parallelism;
    private final @Nullable KeyHasher hasher;
    private final RecoverySink sink;

    private final List<Segment> kept = new ArrayList<>();

    /// The segments with zeros at their end.
    private final List<Segment> preallocated = new ArrayList<>();

    private EpochHistory epochs = EpochHistory.EMPTY;
    private long end;
    private int epoch;
    private long recoveryPoint;
    private long synced;

    private Recovery(
            Disk disk,
            Path directory,
            int partition,
            Parallelism parallelism,
            long persistedRecoveryPoint,
            @Nullable KeyHasher hasher,
            RecoverySink sink) {
        this.disk = disk;
        this.directory = directory;
        this.partition = partition;
        this.parallelism = parallelism;
        this.recoveryPoint = persistedRecoveryPoint;
        this.synced = persistedRecoveryPoint;
        this.hasher = hasher;
        this.sink = sink;
    }

    /// Recovers the log in a directory the caller has locked, showing each record that is kept to the sink.
    ///
    /// @param hasher the hints' hasher; null to use no hints
    public static Recovered recover(
            Disk disk,
            Path directory,
            int partition,
            Parallelism parallelism,
            long persistedRecoveryPoint,
            @Nullable KeyHasher hasher,
            RecoverySink sink)
            throws IOException {
        Recovery recovery = new Recovery(disk, directory, partition, parallelism, persistedRecoveryPoint, hasher, sink);
        boolean done = false;
        try {
            recovery.run();
            done = true;
            return new Recovered(List.copyOf(recovery.kept), recovery.end, recovery.epochs, recovery.synced);
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
        SegmentFiles found = SegmentFiles.list(disk, directory);
        List<Path> files = found.current();
        List<Path> sealed = files.subList(0, Math.max(0, files.size() - 1));
        if (hasher != null) {
            sink.expect(HintEstimate.keys(disk, sealed, partition, hasher.fingerprint()));
        }
        try (HintLoader hints = new HintLoader(disk, sealed, partition, parallelism, hasher)) {
            for (int i = 0; i < files.size(); i++) {
                List<Path> newer = files.subList(i + 1, files.size());
                if (!recoverSegment(files.get(i), newer, hints.next())) {
                    trimPreallocations();
                    found.deleteRemains(disk, directory);
                    return;
                }
                kept.getLast().file().rest();
            }
        }
        if (end < recoveryPoint) {
            Path place = files.isEmpty() ? directory : files.getLast();
            long offset = files.isEmpty() ? 0 : kept.getLast().end();
            throw new DamagedLogException(
                    place,
                    offset,
                    end + 1,
                    "the log ends here, but records up to " + recoveryPoint + " were committed");
        }
        trimPreallocations();
        found.deleteRemains(disk, directory);
    }

    /// Truncates and syncs what a crash left.
    private void trimPreallocations() throws IOException {
        for (Segment segment : preallocated) {
            segment.detach(disk);
            segment.truncate(segment.end());
        }
    }

    /// Recovers one segment.
    ///
    /// @return false when the log was truncated in it
    private boolean recoverSegment(Path path, List<Path> newer, Optional<Hint> hint) throws IOException {
        SegmentName name = SegmentName.require(path);
        if (name.isMerged()) {
            recoverMerged(path, name, hint);
            return true;
        }
        long base = name.base();
        DiskFile file = disk.open(path);
        Segment segment = new Segment(kept.size(), base, file, SegmentFormat.HEADER_BYTES);
        kept.add(segment);
        ByteBuffer header = ByteBuffer.allocate(SegmentFormat.HEADER_BYTES);
        switch (header(file, base, header)) {
            case TORN -> {
                return tornHeader(segment, newer);
            }
            // The bytes are what another build wrote: nothing is damaged, and nothing may be set aside.
            case OTHER_VERSION ->
                throw new IOException(path + ": of another format version; open it with the build that wrote it");
            case MISPLACED ->
                throw new DamagedLogException(path, 0, base, "the header names another partition or base sequence");
            case INTACT -> {
                if (base <= end) {
                    throw new DamagedLogException(
                            path, 0, end + 1, "the segment begins with record " + base + " again");
                }
                if (base > end + 1) {
                    return cutOrRefuse(segment, 0, newer, "the segment begins with record " + base + " instead");
                }
            }
        }
        if (hint.isPresent() && hint.get().fits(segment) && hint.get().continuesFrom(epoch)) {
            Hint taken = hint.get();
            for (EpochHistory.Start start : taken.epochs()) {
                epochs = epochs.with(start.epoch(), start.sequence());
            }
            acceptHint(taken, segment);
            return true;
        }
        SegmentScanner scanner = new SegmentScanner(file, end, epoch);
        while (scanner.next()) {
            acceptRecords(scanner, segment);
        }
        segment.setEnd(scanner.end());
        if (scanner.stoppedBy().isEmpty()) {
            return true;
        }
        boolean endsWithZeros = scanner.onlyZerosFollow();
        if (endsWithZeros && continuesIn(newer)) {
            preallocated.add(segment);
            return true;
        }
        String found = endsWithZeros ? "only zeros follow" : scanner.stoppedBy();
        return cutOrRefuse(segment, scanner.end(), newer, found);
    }

    /// No record can be missing between the end of the log so far and the next segment.
    private boolean continuesIn(List<Path> newer) {
        return !newer.isEmpty() && SegmentName.require(newer.getFirst()).base() == end + 1;
    }

    /// A header and the record after it share a disk sector: a power failure cannot lose only one of them.
    private boolean tornHeader(Segment segment, List<Path> newer) throws IOException {
        String found = "the segment's header is cut short or damaged";
        if (new SegmentScanner(segment.file(), segment.baseSequence() - 1, epoch).next()) {
            throw new DamagedLogException(segment.file().path(), 0, end + 1, found + ", but whole records follow it");
        }
        return cutOrRefuse(segment, 0, newer, found);
    }

    /// Reads a segment's header. Its statement of what was synced counts even if the segment is dropped.
    private HeaderFinding header(DiskFile file, long base, ByteBuffer header) throws IOException {
        file.read(header, 0);
        HeaderFinding finding = SegmentFormat.check(header.flip(), partition, base);
        if (finding == HeaderFinding.INTACT) {
            synced = Math.max(synced, SegmentFormat.synced(header));
            recoveryPoint = Math.max(recoveryPoint, synced);
        }
        return finding;
    }

    /// A merged segment was synced before it was renamed: any defect is damage.
    private void recoverMerged(Path path, SegmentName name, Optional<Hint> hint) throws IOException {
        if (name.base() != end + 1) {
            throw new DamagedLogException(path, 0, end + 1, "the merged segment begins with record " + name.base());
        }
        DiskFile file = disk.open(path);
        Optional<MergedHeader> read = Optional.empty();
        try {
            read = MergedHeader.read(file, name, partition);
        } finally {
            if (read.isEmpty()) {
                file.close();
            }
        }
        if (read.isEmpty()) {
            throw new DamagedLogException(path, 0, end + 1, "the merged segment's header or length is damaged");
        }
        MergedHeader header = read.get();
        Segment segment = Segment.merged(kept.size(), file, header);
        kept.add(segment);
        synced = Math.max(synced, Math.max(header.completeAt(), name.last()));
        recoveryPoint = Math.max(recoveryPoint, synced);
        sink.merged(header.completeAt(), header.time());
        for (EpochHistory.Start start : header.epochs()) {
            epochs = epochs.with(start.epoch(), start.sequence());
        }
        if (hint.isPresent() && hint.get().fits(segment)) {
            acceptHint(hint.get(), segment);
            return;
        }
        SegmentScanner scanner = SegmentScanner.of(segment);
        while (scanner.next()) {
            scanner.show(segment.number(), sink);
        }
        scanner.requireWhole(segment, name.last());
        end = name.last();
        epoch = epochs.latest();
    }

    private void acceptHint(Hint hint, Segment segment) {
        epoch = epochs.latest();
        end = hint.last();
        synced = Math.max(synced, end);
        recoveryPoint = Math.max(Math.max(recoveryPoint, end), hint.highWatermark());
        segment.setEnd(hint.segmentBytes());
        segment.markHinted(hint.bytes());
        sink.accept(hint, segment.number());
    }

    private void acceptRecords(SegmentScanner scanner, Segment segment) {
        RecordFrame frame = scanner.frame();
        if (frame == null) {
            scanner.show(segment.number(), this::acceptRecord);
            return;
        }
        for (EpochHistory.Start start : frame.epochs()) {
            epochs = epochs.with(start.epoch(), start.sequence());
        }
        scanner.show(segment.number(), sink);
        end = frame.last();
        epoch = frame.lastEpoch();
    }

    private void acceptRecord(ByteBuffer bytes, int at, long location) {
        end = RecordFormat.sequence(bytes, at);
        epoch = RecordFormat.epoch(bytes, at);
        epochs = epochs.with(epoch, end);
        if (RecordFormat.kind(bytes, at) == RecordKind.MARK) {
            recoveryPoint = Math.max(recoveryPoint, RecordFormat.markHighWatermark(bytes, at));
        }
        sink.accept(bytes, at, location);
    }

    private boolean cutOrRefuse(Segment segment, long offset, List<Path> newer, String found) throws IOException {
        raiseRecoveryPointBeyond(segment, newer);
        Path path = segment.file().path();
        if (end < recoveryPoint) {
            throw new DamagedLogException(
                    path, offset, end + 1, found + "; records up to " + recoveryPoint + " were committed");
        }
        LOG.info(
                "{}: cut at offset {}, after record {}: {}; nothing after it was acknowledged",
                path,
                offset,
                end,
                found);
        cut(segment, newer);
        return false;
    }

    /// A whole MARK or header after a gap proves that the gap is damage and not a torn write.
    private void raiseRecoveryPointBeyond(Segment segment, List<Path> newer) throws IOException {
        boolean hasRecords = !segment.isEmpty();
        long offset = segment.end();
        raiseRecoveryPoint(segment.file(), offset, hasRecords ? end + 1 : segment.baseSequence());
        for (Path path : newer) {
            if (SegmentName.require(path).isMerged()) {
                throw new DamagedLogException(path, 0, end + 1, "records before the merged segment are missing");
            }
            try (DiskFile file = disk.openForReading(path)) {
                long base = SegmentName.require(path).base();
                header(file, base, ByteBuffer.allocate(SegmentFormat.HEADER_BYTES));
                raiseRecoveryPoint(file, SegmentFormat.HEADER_BYTES, base);
            }
        }
    }

    private void raiseRecoveryPoint(DiskFile file, long offset, long first) throws IOException {
        recoveryPoint = Math.max(recoveryPoint, MarkScanner.greatestHighWatermark(file, offset, first, end));
    }

    /// Idempotent: after a crash, recovery truncates at the same place again.
    private void cut(Segment segment, List<Path> newer) throws IOException {
        for (Path path : newer.reversed()) {
            disk.delete(path);
        }
        if (segment.isEmpty()) {
            kept.removeLast();
            segment.release();
            disk.delete(segment.file().path());
        } else {
            segment.detach(disk);
            segment.truncate(segment.end());
            segment.file().sync();
        }
        disk.syncDirectory(directory);
    }
}
