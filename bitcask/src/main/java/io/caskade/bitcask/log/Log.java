package io.caskade.bitcask.log;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.StoreClosedException;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.DiskFile.Syncs;
import io.caskade.bitcask.hint.HintFormat;
import io.caskade.bitcask.hint.HintWriter;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.record.BatchValidator;
import io.caskade.bitcask.record.EpochHistory;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.RecordDecoder;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordFrame;
import io.caskade.bitcask.record.RecordReader;
import io.caskade.bitcask.record.RecordSink;
import io.caskade.bitcask.record.ReplicatedBatchValidator;
import io.caskade.bitcask.recovery.Recovery;
import io.caskade.bitcask.recovery.RecoverySink;
import io.caskade.bitcask.recovery.SegmentFiles;
import io.caskade.bitcask.segment.ReadPosition;
import io.caskade.bitcask.segment.SealedSegment;
import io.caskade.bitcask.segment.Segment;
import io.caskade.bitcask.segment.SegmentFormat;
import io.caskade.bitcask.segment.SegmentName;
import io.caskade.bitcask.segment.SegmentScanner;
import io.caskade.bitcask.segment.UndoFailedException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The append-only log of one copy, over a directory of segments.
///
/// Sequences are dense and start at 1; epochs never shrink; a batch never spans segments. Invariant:
/// `recovery point ≤ durable end ≤ end`.
///
/// One thread, the *writer*, calls everything but [#read], which any thread may call, [Sync#run] and
/// [LogRead#run]. A log that failed to undo a write or to sync is *fenced*: it refuses all further writes,
/// because what is on the disk is unknown. One that was closed refuses everything and leaves the directory
/// alone, which may have another owner by then.
public final class Log implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(Log.class);
    private static final int RECENT_POSITIONS = 16;

    private final Disk disk;
    private final Path directory;
    private final LogOptions options;

    /// By first sequence; changed by the writer only.
    private final NavigableMap<Long, Segment> segments = new TreeMap<>();

    /// Those of them that have no hint yet; the newest is among them.
    private final NavigableMap<Long, Segment> unhinted = new TreeMap<>();

    /// All that have changes which are not synced, oldest first, and some that have none.
    private final Set<Segment> unsynced = new LinkedHashSet<>();

    /// The length of all files: the log's and their hints, what a merge has written so far, and what was merged
    /// away until it is deleted. For any thread.
    private final AtomicLong fileBytes = new AtomicLong();

    /// How many segments were sealed since the log was opened.
    private long sealedCount;

    /// By segment number, for readers; replaced as a whole when a segment is added.
    private volatile @Nullable Segment[] byNumber;

    /// Merged away, but readers may still use them.
    private final List<Segment> retiring = new ArrayList<>();

    private EpochHistory epochs;
    private long end;
    private long durableEnd;

    /// The number of truncations: a sync that began before one does not cover what was written after it.
    private long truncations;

    /// Changes of the directory (segments created or deleted), and how many of them are synced.
    private long directoryChanges;

    private long syncedDirectoryChanges;
    private final Sync.Health health = new Sync.Health();

    /// Where recent replication reads ended, which is where the next ones start. Set by any thread, each at the
    /// index of its sequence.
    private final AtomicReferenceArray<@Nullable ReadPosition> recentPositions =
            new AtomicReferenceArray<>(RECENT_POSITIONS);

    /// Whether the next append rolls to a new segment.
    private boolean rollOnNextAppend;

    private volatile @Nullable IOException fence;
    private volatile boolean closed;

    private Log(
            Disk disk,
            Path directory,
            LogOptions options,
            List<Segment> segments,
            int nextNumber,
            EpochHistory epochs,
            long end) {
        this.disk = disk;
        this.directory = directory;
        this.options = options;
        @Nullable Segment[] all = new @Nullable Segment[nextNumber];
        for (Segment segment : segments) {
            all[segment.number()] = segment;
            add(segment);
            fileBytes.addAndGet(segment.fileBytes() + segment.hintBytes());
        }
        this.byNumber = all;
        this.epochs = epochs;
        this.end = end;
    }

    /// Whether a directory has segments.
    public static boolean existsIn(Disk disk, Path directory) throws IOException {
        return disk.list(directory).stream()
                .anyMatch(file -> SegmentName.of(file).isPresent());
    }

    /// Opens the log in a directory that the caller has locked, and recovers it.
    ///
    /// Records that are not known to be synced are rewritten and synced before this returns: after a crash they
    /// may exist only in memory, and after a failed sync a second sync would not write them.
    ///
    /// @param recoveryPoint a sequence up to which everything is committed and synced; 0 when unknown
    /// @param sink receives every record that is kept
    /// @throws io.caskade.bitcask.DamagedLogException when acknowledged records are missing or changed; the
    /// disk is unchanged
    public static Log open(Disk disk, Path directory, LogOptions options, long recoveryPoint, RecordSink sink)
            throws IOException {
        return open(disk, directory, options, recoveryPoint, null, sink::accept);
    }

    /// Opens the log as above, reading hints in place of the segments that have one.
    ///
    /// @param hasher hashes the hints' keys
    public static Log open(
            Disk disk,
            Path directory,
            LogOptions options,
            long recoveryPoint,
            @Nullable KeyHasher hasher,
            RecoverySink sink)
            throws IOException {
        Recovery.Recovered recovered = Recovery.recover(
                disk, directory, options.partition(), options.parallelism(), recoveryPoint, hasher, sink);
        List<Segment> segments = recovered.segments();
        Log log = new Log(disk, directory, options, segments, segments.size(), recovered.epochs(), recovered.end());
        return log.finishOpening(recovered.synced());
    }

    /// Opens a log in a directory that the caller has locked, without reading its records, if it is unchanged
    /// since its clean close. Otherwise changes nothing.
    ///
    /// @param manifest the result of [#manifest] at that close
    public static Optional<Log> openFromManifest(Disk disk, Path directory, LogOptions options, LogManifest manifest)
            throws IOException {
        Optional<List<Segment>> segments = manifest.open(disk, directory, options.partition());
        if (segments.isEmpty()) {
            return Optional.empty();
        }
        boolean looked = false;
        try {
            for (Segment segment : segments.get()) {
                markHinted(disk, segment);
            }
            looked = true;
        } finally {
            if (!looked) {
                for (Segment segment : segments.get()) {
                    segment.release();
                }
            }
        }
        Log log = new Log(
                disk, directory, options, segments.get(), manifest.nextNumber(), manifest.epochs(), manifest.end());
        Log secured = log.finishOpening(manifest.end());
        SegmentFiles.list(disk, directory).deleteRemains(disk, directory);
        return Optional.of(secured);
    }

    private static void markHinted(Disk disk, Segment segment) throws IOException {
        Path hint = HintFormat.pathFor(segment.file().path());
        if (disk.exists(hint)) {
            try (DiskFile file = disk.open(hint)) {
                segment.markHinted(file.size());
            }
        }
    }

    private void add(Segment segment) {
        segments.put(segment.baseSequence(), segment);
        if (!segment.isHinted()) {
            unhinted.put(segment.baseSequence(), segment);
        }
    }

    private void remove(Segment segment) {
        segments.remove(segment.baseSequence());
        unhinted.remove(segment.baseSequence());
        unsynced.remove(segment);
    }

    private @Nullable Segment newest() {
        Map.Entry<Long, Segment> last = segments.lastEntry();
        return last == null ? null : last.getValue();
    }

    private Log finishOpening(long synced) throws IOException {
        Segment newest = newest();
        boolean opened = false;
        try {
            if (newest != null) {
                leaveSharedFile(newest);
                newest.detectFrame();
            }
            rewriteUnsyncedTail(synced);
            for (Segment segment : segments.values()) {
                segment.map();
                if (segment != newest) {
                    segment.rest();
                }
            }
            opened = true;
            return this;
        } finally {
            if (!opened) {
                close();
            }
        }
    }

    /// A file that another directory has, too, takes no more records: they would be in both logs.
    private void leaveSharedFile(Segment newest) throws IOException {
        Path path = newest.file().path();
        if (newest.isMerged() || disk.countNames(path) <= 1) {
            return;
        }
        LOG.info("{}: has other names, as in a copy made of links; what is written next is in a file of its own", path);
        if (newest.isEmpty()) {
            newest.detach(disk);
        } else {
            rollOnNextAppend = true;
        }
    }

    /// Describes the log, all of which is synced, so that it can be opened again without reading its records.
    ///
    /// @throws IOException when a file cannot be read, or locations that a merge replaced are still in use
    public LogManifest manifest() throws IOException {
        if (!retiring.isEmpty()) {
            throw new IOException(directory + ": segments are being merged");
        }
        List<LogManifest.Entry> parts = new ArrayList<>();
        for (Segment segment : segments.values()) {
            parts.add(LogManifest.Entry.of(segment));
        }
        return new LogManifest(end, epochs, byNumber.length, parts);
    }

    /// Rewrites whole segments, header included, which costs little more than finding the place. Always syncs
    /// the newest: the last process may have truncated it without syncing.
    private void rewriteUnsyncedTail(long synced) throws IOException {
        Segment newest = newest();
        if (newest != null) {
            newest.markDirty();
        }
        long last = end;
        for (Segment segment : segments.descendingMap().values()) {
            if (last > synced || segment.isEmpty()) {
                rewrite(segment);
            }
            last = segment.baseSequence() - 1;
        }
        segments.values().stream().filter(Segment::isUnsynced).forEach(unsynced::add);
        directoryChanges++;
        Sync sync = beginSync();
        sync.run();
        endSync(sync);
    }

    private void rewrite(Segment segment) throws IOException {
        if (!segment.detach(disk)) {
            segment.rewrite();
        }
    }

    /// The last record's sequence, 0 when there is none.
    public long end() {
        return end;
    }

    /// The last record that is known to survive a power failure.
    public long durableEnd() {
        return durableEnd;
    }

    /// Which epochs wrote which records.
    public EpochHistory epochs() {
        return epochs;
    }

    /// The number of truncations since the log was opened.
    public long truncations() {
        return truncations;
    }

    /// Appends whole batches that continue the log, as a `BatchEncoder` made them, and shows each record with
    /// its location. All or nothing.
    ///
    /// @throws io.caskade.bitcask.DiskFullException when the disk is full; the log is unchanged and accepts
    /// further writes @throws IOException when the disk fails or the log is fenced @throws
    /// IllegalArgumentException when the batches do not continue the log
    public void append(ByteBuffer batches, RecordSink sink) throws IOException {
        requireUnfenced();
        ByteBuffer bytes = RecordFormat.view(batches);
        EpochHistory newEpochs = BatchValidator.check(bytes, end, epochs);
        write(bytes, 0, newEpochs, sink);
    }

    /// Appends batches from another copy's log, as its [#beginRead] returned them, and shows each record with
    /// its location. All or nothing.
    ///
    /// Records dropped by another copy's merge leave no trace, so a [RecordFrame] states the range of sequences
    /// that its records cover.
    ///
    /// @param to the last sequence covered, which becomes the log end
    /// @param leaderEpochs the epochs of the other log
    /// @throws io.caskade.bitcask.record.MalformedBatchesException when the batches are not whole and intact or
    ///     do not continue the log
    /// @throws io.caskade.bitcask.DiskFullException when the disk is full; the log is unchanged and accepts
    /// further writes @throws IOException when the disk fails or the log is fenced
    public void appendReplicated(ByteBuffer batches, long from, long to, EpochHistory leaderEpochs, RecordSink sink)
            throws IOException {
        requireUnfenced();
        ByteBuffer bytes = RecordFormat.view(batches);
        EpochHistory newEpochs = leaderEpochs.upTo(to);
        boolean dense = ReplicatedBatchValidator.check(bytes, from, to, newEpochs, end, epochs);
        if (dense) {
            write(bytes, 0, newEpochs, sink);
        } else {
            RecordFrame frame = new RecordFrame(from + 1, to, bytes.remaining(), newEpochs.within(from + 1, to));
            write(frame.encode(bytes), frame.frameBytes(), newEpochs, sink);
            end = to;
        }
    }

    /// @param recordsAt where the first record is: after a frame, if there is one
    private void write(ByteBuffer bytes, int recordsAt, EpochHistory newEpochs, RecordSink sink) throws IOException {
        Segment segment = segmentFor(bytes.remaining(), recordsAt > 0);
        long offset = segment.end();
        long bytesBefore = segment.fileBytes();
        boolean known = false;
        try {
            segment.preallocate(
                    bytes.remaining(),
                    options.reserveBytes(),
                    options.segmentBytes(),
                    options.durability() == Durability.SYNC ? Syncs.OFTEN : Syncs.SELDOM);
            segment.indexEnd(end);
            segment.append(bytes);
            addFileBytes(segment.fileBytes() - bytesBefore);
            epochs = newEpochs;
            int length;
            for (int at = recordsAt; at < bytes.limit(); at += length) {
                length = RecordFormat.trustedLength(bytes, at);
                end = RecordFormat.sequence(bytes, at);
                sink.accept(bytes, at, Location.of(segment.number(), offset + at, length));
            }
            known = true;
        } catch (UndoFailedException e) {
            throw fence(e);
        } catch (IOException e) {
            known = true;
            addFileBytes(segment.fileBytes() - bytesBefore);
            throw e;
        } finally {
            if (!known && fence == null) {
                fence(new IOException(directory + ": an append failed midway; the state of the log is unknown"));
            }
        }
    }

    /// Frames have segments of their own, without MARKs.
    private Segment segmentFor(int length, boolean framed) throws IOException {
        Segment newest = newest();
        if (newest != null
                && !(rollOnNextAppend || newest.isMerged())
                && (newest.isFramed() == framed || newest.isEmpty())
                && (newest.end() == SegmentFormat.HEADER_BYTES || newest.end() + length <= options.segmentBytes())) {
            newest.setFramed(framed);
            return newest;
        }
        Segment added = rollSegment();
        added.setFramed(framed);
        return added;
    }

    private Segment rollSegment() throws IOException {
        trimPreallocation();
        if (byNumber.length >= Location.MAX_SEGMENTS) {
            throw fence(new IOException(
                    "the log has begun " + byNumber.length + " segments since it was opened and must be opened again"));
        }
        long base = end + 1;
        DiskFile file = disk.create(directory.resolve(SegmentFormat.fileName(base)));
        Segment segment = new Segment(byNumber.length, base, file, SegmentFormat.HEADER_BYTES);
        directoryChanges++;
        try {
            segment.begin(SegmentFormat.header(options.partition(), base, durableEnd));
        } catch (IOException e) {
            deleteFailed(file, e);
            throw e;
        }
        rollOnNextAppend = false;
        restNewest();
        sealedCount += segments.isEmpty() ? 0 : 1;
        add(segment);
        unsynced.add(segment);
        fileBytes.addAndGet(segment.fileBytes());
        Segment[] all = Arrays.copyOf(byNumber, byNumber.length + 1);
        all[segment.number()] = segment;
        byNumber = all;
        return segment;
    }

    /// The newest segment takes no more records.
    private void restNewest() {
        Segment full = newest();
        if (full != null) {
            full.map();
            full.rest();
        }
    }

    private void deleteFailed(DiskFile file, IOException cause) throws IOException {
        try {
            file.close();
            disk.delete(file.path());
        } catch (IOException e) {
            cause.addSuppressed(e);
            throw fence(cause);
        }
    }

    /// Removes all records after `last`, durably. The next append rolls to a new segment, so that truncated
    /// bytes can never reappear after it; syncs that began before no longer count.
    ///
    /// Blocks.
    ///
    /// @throws IllegalArgumentException when `last` is beyond the end or within a batch
    public void truncate(long last) throws IOException {
        requireUnfenced();
        if (last < 0 || last > end) {
            throw new IllegalArgumentException("record " + last + " is not in a log that ends with " + end);
        }
        long cut = last < end ? endOf(last) : 0;
        truncations++;
        durableEnd = Math.min(durableEnd, last);
        try {
            dropAfter(last);
            Segment newest = newest();
            if (newest != null && last < end) {
                long bytesBefore = newest.fileBytes();
                newest.detach(disk);
                newest.truncate(cut);
                addFileBytes(newest.fileBytes() - bytesBefore);
                unsynced.add(newest);
                newest.file().sync();
            }
        } catch (IOException e) {
            throw fence(e);
        }
        epochs = epochs.upTo(last);
        end = last;
        rollOnNextAppend = true;
    }

    /// The offset in its segment at which record `last` ends.
    private long endOf(long last) throws IOException {
        Map.Entry<Long, Segment> holder = segments.floorEntry(last);
        return holder == null ? 0 : SegmentScanner.endOf(holder.getValue(), last);
    }

    /// Newest first, each durably before the next: a gap would be taken for damage.
    private void dropAfter(long last) throws IOException {
        for (Segment dropped = newest(); dropped != null && dropped.baseSequence() > last; dropped = newest()) {
            remove(dropped);
            dropped.release();
            disk.delete(dropped.file().path());
            addFileBytes(-dropped.fileBytes());
            disk.syncDirectory(directory);
        }
    }

    /// Truncates the reserved space of the newest segment. Sync before closing, so that the next opening has
    /// nothing to truncate; the log may still be written to.
    public void trimPreallocation() throws IOException {
        Segment newest = newest();
        if (newest != null) {
            long bytesBefore = newest.fileBytes();
            newest.trimPreallocation();
            addFileBytes(newest.fileBytes() - bytesBefore);
        }
    }

    private void addFileBytes(long difference) {
        if (difference != 0) {
            fileBytes.addAndGet(difference);
        }
    }

    /// The length of all files of the log: segments with the space they have preallocated, hints, what a merge
    /// has written so far, and what was merged away until it is deleted. For any thread.
    public long fileBytes() {
        return fileBytes.get();
    }

    /// How many segments were sealed since the log was opened.
    public long sealedCount() {
        return sealedCount;
    }

    /// Begins a sync of everything in the log.
    ///
    /// @throws IOException when the log is fenced: a sync that failed must not be tried again
    public Sync beginSync() throws IOException {
        requireUnfenced();
        Segment newest = newest();
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

    /// How many segments a sync looks at.
    int unsyncedCandidates() {
        return unsynced.size();
    }

    /// Ends a successful sync. It does not count if the log was truncated meanwhile, is fenced or is closed.
    ///
    /// @return whether the durable end moved
    public boolean endSync(Sync sync) {
        if (sync.truncations() != truncations || fence != null || closed) {
            return false;
        }
        Segment newest = newest();
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

    /// Begins the hint of the oldest sealed segment without one whose records are all synced and none beyond
    /// `limit`. Begun once per segment, even if it fails.
    public Optional<HintWriter> beginHint(long limit, KeyHasher hasher) {
        return beginHint(limit, 0, hasher);
    }

    /// Begins a hint as [above][#beginHint(long, KeyHasher)], leaving out the newest sealed segments with
    /// together at most `maxUnhintedBytes` bytes.
    public Optional<HintWriter> beginHint(long limit, long maxUnhintedBytes, KeyHasher hasher) {
        Map.Entry<Long, Segment> oldest = unhinted.firstEntry();
        if (oldest == null || oldest.getKey() >= firstUnhintedBase(Math.min(limit, durableEnd), maxUnhintedBytes)) {
            return Optional.empty();
        }
        Segment segment = oldest.getValue();
        segment.markHinted();
        unhinted.remove(oldest.getKey());
        return Optional.of(new HintWriter(
                disk, segment, lastOf(segment), options.partition(), hasher, bytes -> fileBytes.addAndGet(bytes)));
    }

    /// The first sequence of the oldest segment that needs no hint: it has records beyond `limit`, or is among
    /// the newest sealed ones that have together at most `maxBytes` bytes. Costs no more with many segments.
    private long firstUnhintedBase(long limit, long maxBytes) {
        long base = end + 1;
        long bytes = 0;
        for (Segment segment : segments.descendingMap().values()) {
            boolean sealed = segment != newest() && lastOf(segment) <= limit;
            bytes += sealed ? segment.end() : 0;
            if (bytes > maxBytes) {
                return base;
            }
            base = segment.baseSequence();
        }
        return base;
    }

    /// The last sequence of a sealed segment.
    private long lastOf(Segment segment) {
        return segments.higherKey(segment.baseSequence()) - 1;
    }

    /// The segments that may be merged: sealed, synced, with no record beyond `limit`.
    public List<SealedSegment> sealedSegments(long limit) {
        return SealedSegment.among(segments.values(), Math.min(limit, durableEnd));
    }

    /// The sealed segments with no record beyond `limit`, synced or not.
    public List<SealedSegment> sealedSegmentsWithUnsynced(long limit) {
        return SealedSegment.among(segments.values(), limit);
    }

    /// Whether a sealed segment has records up to `limit` that are not synced.
    public boolean hasUnsyncedSealed(long limit) {
        Segment newest = newest();
        return newest != null && Math.min(limit, newest.baseSequence() - 1) > durableEnd;
    }

    /// Begins a snapshot of the records up to `last`, which is synced and ends a batch.
    public LogSnapshot beginSnapshot(long last) {
        requireOpen();
        return new LogSnapshot(disk, List.copyOf(segments.headMap(last, true).values()), last);
    }

    /// Begins the scrub of the oldest sealed segment after record `after`, if all its records are synced and
    /// none is beyond `limit`.
    public Optional<LogScrub> nextScrub(long after, long limit) {
        Map.Entry<Long, Segment> next = segments.floorEntry(after + 1);
        next = next == null ? segments.firstEntry() : next;
        if (next == null || next.getValue() == newest()) {
            return Optional.empty();
        }
        long last = lastOf(next.getValue());
        return last <= Math.min(limit, durableEnd)
                ? Optional.of(new LogScrub(next.getValue(), last))
                : Optional.empty();
    }

    /// The number of the active segment, if there is one.
    public OptionalInt activeSegment() {
        Segment newest = newest();
        return newest == null || newest.isMerged() ? OptionalInt.empty() : OptionalInt.of(newest.number());
    }

    /// The length of the active segment; 0 when there is none.
    public long activeBytes() {
        Segment newest = newest();
        return newest == null ? 0 : newest.end();
    }

    /// Seals the active segment before it is full, so that it can be merged.
    ///
    /// @throws io.caskade.bitcask.DiskFullException when the disk is full; the log is unchanged
    public void sealActiveSegment() throws IOException {
        requireUnfenced();
        Segment newest = newest();
        if (newest != null && !newest.isEmpty()) {
            rollSegment();
        }
    }

    /// Begins to read the batches after `from`, which ends one, for another copy.
    ///
    /// @param maxBytes about how many bytes to read; one batch is read however large it is
    /// @param limit the last sequence to be read; it ends a batch
    /// @param completeAt the sequence this log must reach before it holds every key
    /// @param logTime the newest time in a MARK that this log never received
    public LogRead beginRead(long from, int maxBytes, long limit, long completeAt, long logTime) {
        if (from < 0 || from >= end) {
            throw new IllegalArgumentException("no records after sequence " + from + " of a log that ends with " + end);
        }
        requireOpen();
        Iterator<Segment> newestFirst = segments.descendingMap().values().iterator();
        Segment segment = newestFirst.next();
        long complete = Math.max(completeAt, segment.completeAt());
        long time = Math.max(logTime, segment.mergedTime());
        while (segment.baseSequence() > from + 1) {
            segment = newestFirst.next();
            complete = Math.max(complete, segment.completeAt());
            time = Math.max(time, segment.mergedTime());
        }
        return new LogRead(
                segment,
                startPosition(segment, from),
                from,
                maxBytes,
                Math.min(limit, end),
                complete,
                time,
                segment == newest(),
                this::remember);
    }

    private ReadPosition startPosition(Segment segment, long from) {
        ReadPosition recent = recentPositions.get(recentIndex(from));
        boolean exact = recent != null && recent.sequence() == from && recent.segment() == segment.number();
        return exact ? recent : segment.positionBefore(from);
    }

    private void remember(ReadPosition place) {
        recentPositions.set(recentIndex(place.sequence()), place);
    }

    private static int recentIndex(long sequence) {
        return (int) (sequence % RECENT_POSITIONS);
    }

    /// Begins a scan of a sealed segment, off the writer's thread.
    public SegmentScan beginScan(SealedSegment full) {
        requireOpen();
        Segment segment = byNumber[full.number()];
        if (segment == null) {
            throw new IllegalArgumentException("segment " + full.number() + " was merged away");
        }
        return new SegmentScan(segment, full.last());
    }

    /// Begins to merge a run of adjacent [#sealedSegments], all of which are read; one merge at a time.
    public LogMerge beginMerge(List<SealedSegment> adjacent) throws IOException {
        return beginMerge(adjacent, Set.of(), 0);
    }

    /// Begins to merge a run of adjacent [#sealedSegments]; one merge at a time.
    ///
    /// @param dead the numbers of those that have no record to keep: they are not read
    /// @param deadTime a committed log time that no MARK in these is newer than
    public LogMerge beginMerge(List<SealedSegment> adjacent, Set<Integer> dead, long deadTime) throws IOException {
        requireUnfenced();
        long base = adjacent.getFirst().base();
        long last = adjacent.getLast().last();
        List<Segment> run = List.copyOf(segments.subMap(base, true, last, true).values());
        int number = byNumber.length;
        byNumber = Arrays.copyOf(byNumber, number + 1);
        LogMerge.Input all = new LogMerge.Input(run, last, Set.copyOf(dead), deadTime);
        return new LogMerge(
                disk, directory, options.partition(), all, number, epochs.within(base, last), health, fileBytes);
    }

    /// Adds a published merge's segment to the log. Both places stay readable until [#retireReplaced].
    public void replaceSegments(LogMerge merge) {
        requireOpen();
        merge.run().forEach(this::remove);
        add(merge.merged());
        retiring.addAll(merge.run());
        merge.merged().map();
        @Nullable Segment[] all = byNumber.clone();
        all[merge.merged().number()] = merge.merged();
        byNumber = all;
    }

    /// Takes the segments that were merged out of readers' sight; the keydir must no longer name a location in
    /// them. [LogMerge#deleteOld] releases them.
    ///
    /// @return the numbers that they had
    public List<Integer> retireReplaced(LogMerge merge) {
        @Nullable Segment[] all = byNumber.clone();
        merge.run().forEach(segment -> all[segment.number()] = null);
        retiring.removeAll(Set.copyOf(merge.run()));
        byNumber = all;
        // Not before: until here the merge may read it.
        merge.merged().rest();
        return merge.run().stream().map(Segment::number).toList();
    }

    /// Whether the log refuses all further writes.
    public boolean isFenced() {
        return fence != null;
    }

    /// Fences the log after a disk failure: it refuses all further writes.
    ///
    /// @return the exception every further write throws
    public IOException fence(IOException cause) {
        IOException first = fence == null ? cause : fence;
        fence = first;
        return first;
    }

    /// Whether it was closed. For any thread.
    public boolean isClosed() {
        return closed;
    }

    private void requireOpen() {
        if (closed) {
            throw new StoreClosedException(directory.toString());
        }
    }

    private void requireUnfenced() throws IOException {
        requireOpen();
        IOException cause = fence;
        if (cause != null) {
            throw new IOException(
                    directory + ": the log refuses writes because its disk failed: " + cause.getMessage(), cause);
        }
    }

    /// Reads one record at a location this log has shown, whole and with its checksum verified.
    ///
    /// @return the record, little-endian, from position 0 to the limit
    /// @throws io.caskade.bitcask.DamagedLogException when it is missing; [ClosedChannelException] when a merge
    /// moved it
    public ByteBuffer read(long location) throws IOException {
        return read(location, null, RecordReader::copy);
    }

    /// Decodes the record at a location that this log has shown.
    ///
    /// @param key passed to the decoder
    /// @throws io.caskade.bitcask.DamagedLogException when it is missing or not intact;
    /// [ClosedChannelException] when a merge moved it
    public <T> T read(long location, byte @Nullable [] key, RecordDecoder<T> use) throws IOException {
        Segment segment = byNumber[Location.segment(location)];
        if (segment == null) {
            throw new ClosedChannelException();
        }
        return segment.read(Location.offset(location), key, use);
    }

    /// Decodes the record at a location that this log has shown, if it is in the page cache; null otherwise,
    /// when it is not intact, or when a merge moved it.
    ///
    /// @param moment see [Segment#readIfLoaded]
    /// @param key passed to the decoder
    public <T> @Nullable T readIfLoaded(long location, int moment, byte @Nullable [] key, RecordDecoder<T> use) {
        Segment segment = byNumber[Location.segment(location)];
        return segment == null
                ? null
                : segment.readIfLoaded(Location.offset(location), Location.maxBytes(location), moment, key, use);
    }

    /// The header and key of the record at a location that this log has shown, if its key has this length; what
    /// the file has there, unchecked.
    ///
    /// @throws ClosedChannelException when a merge moved it
    public ByteBuffer readHead(long location, int keyLength) throws IOException {
        Segment segment = byNumber[Location.segment(location)];
        if (segment == null) {
            throw new ClosedChannelException();
        }
        return segment.readHead(Location.offset(location), keyLength);
    }

    /// Closes all files without a sync. After that, everything but queries throws [StoreClosedException].
    @Override
    public void close() throws IOException {
        closed = true;
        List<Segment> all = new ArrayList<>(segments.values());
        all.addAll(retiring);
        segments.clear();
        unhinted.clear();
        unsynced.clear();
        retiring.clear();
        for (Segment segment : all) {
            segment.release();
        }
    }
}
