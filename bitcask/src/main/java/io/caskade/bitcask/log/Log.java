package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.keydir.KeyHasher;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// The append-only log of one copy, over a directory of segments.
///
/// Sequences are dense and start at 1; epochs never shrink; a batch never spans segments. Invariant: `floor ≤
/// durable end ≤ end`.
///
/// One thread, the *writer*, calls everything but [#read], which any thread may call, [Sync#run] and
/// [LogRead#run]. A log that failed to undo a write or to sync is *fenced*: it refuses all further writes,
/// because nobody can tell any more what is on the disk.
public final class Log implements Closeable {

    private static final int RECENT_PLACES = 16;

    private final Disk disk;
    private final Path directory;
    private final LogOptions options;

    /// Oldest first; changed by the writer only.
    private final Deque<Segment> segments;

    /// By segment number, for readers; replaced as a whole when a segment is added.
    private volatile @Nullable Segment[] byNumber;

    /// Merged away, but readers may still look for records in them.
    private final List<Segment> retiring = new ArrayList<>();

    private EpochHistory epochs;
    private long end;
    private long durableEnd;

    /// Counts truncations: a sync asked for before one says nothing about what was written after it.
    private long generation;

    /// Counts segments created and deleted, and what of that is known to be synced.
    private long directoryChanges;

    private long syncedDirectoryChanges;
    private final Sync.Health health = new Sync.Health();

    /// Where reads for other copies have ended lately, which is where the next begin: by any thread, each at
    /// the index of its sequence.
    private final AtomicReferenceArray<LogRead.@Nullable Place> recentPlaces =
            new AtomicReferenceArray<>(RECENT_PLACES);

    /// Whether the next record starts a new segment, whatever room the newest has.
    private boolean sealed;

    private volatile @Nullable IOException fence;

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
        this.segments = new ArrayDeque<>(segments);
        @Nullable Segment[] all = new @Nullable Segment[nextNumber];
        segments.forEach(segment -> all[segment.number()] = segment);
        this.byNumber = all;
        this.epochs = epochs;
        this.end = end;
    }

    /// Whether a directory has segments.
    public static boolean existsIn(Disk disk, Path directory) throws IOException {
        return disk.list(directory).stream()
                .anyMatch(file -> SegmentName.of(file).isPresent());
    }

    /// Opens the log in a directory that the caller has locked, recovering from whatever the last process
    /// left.
    ///
    /// What is kept and not known to be synced is written again and synced before this returns: after a crash
    /// those records may have been in memory only, and after a failed sync even a second sync would not bring
    /// them to the disk.
    ///
    /// @param persistedFloor a sequence up to which all is known to be committed and synced; 0 when nothing
    ///     is known
    /// @param sink is shown every record that counts
    /// @throws DamagedLogException when records that were counted on are gone or changed; the disk is as it
    ///     was
    public static Log open(Disk disk, Path directory, LogOptions options, long persistedFloor, RecordSink sink)
            throws IOException {
        return open(disk, directory, options, persistedFloor, null, sink::accept);
    }

    /// Opens the log as above, but is content with hints for segments that have one.
    ///
    /// @param hasher what the hints' keys are hashed with
    public static Log open(
            Disk disk,
            Path directory,
            LogOptions options,
            long persistedFloor,
            @Nullable KeyHasher hasher,
            RecoverySink sink)
            throws IOException {
        Recovery.Recovered recovered = Recovery.recover(disk, directory, options, persistedFloor, hasher, sink);
        List<Segment> segments = recovered.segments();
        Log log = new Log(disk, directory, options, segments, segments.size(), recovered.epochs(), recovered.end());
        return log.secured(recovered.synced());
    }

    /// Opens a log in a directory that the caller has locked, without reading its records, if it is still
    /// what it was when it was closed with everything synced. Otherwise nothing was changed.
    ///
    /// @param image what [#image] said then
    public static Optional<Log> open(Disk disk, Path directory, LogOptions options, LogImage image) throws IOException {
        Optional<List<Segment>> segments = image.open(disk, directory, options.partition());
        if (segments.isEmpty()) {
            return Optional.empty();
        }
        Log log = new Log(disk, directory, options, segments.get(), image.nextNumber(), image.epochs(), image.end());
        for (Segment segment : segments.get()) {
            if (disk.exists(HintFormat.pathFor(segment.file().path()))) {
                segment.hinted();
            }
        }
        Log secured = log.secured(image.end());
        SegmentFiles.list(disk, directory).deleteRemains(disk, directory);
        return Optional.of(secured);
    }

    private Log secured(long synced) throws IOException {
        segments.forEach(Segment::map);
        boolean opened = false;
        try {
            if (!segments.isEmpty()) {
                segments.getLast().lookForSpans();
            }
            secureTail(synced);
            opened = true;
            return this;
        } finally {
            if (!opened) {
                close();
            }
        }
    }

    /// What the log looks like now that all of it is synced: what to open it from again.
    ///
    /// @throws IOException when a file cannot be read, or locations are still in use that a merge has taken
    ///     away
    public LogImage image() throws IOException {
        if (!retiring.isEmpty()) {
            throw new IOException(directory + ": segments are being merged");
        }
        List<LogImage.Part> parts = new ArrayList<>();
        for (Segment segment : segments) {
            parts.add(LogImage.Part.of(segment));
        }
        return new LogImage(end, epochs, byNumber.length, parts);
    }

    /// A segment is written again as a whole, its header too: that costs little more than finding the place.
    /// The newest is synced anyhow: the last process may have cut it short and not come to make that last.
    private void secureTail(long synced) throws IOException {
        if (!segments.isEmpty()) {
            segments.getLast().touch();
        }
        long last = end;
        for (Segment segment : List.copyOf(segments).reversed()) {
            if (last > synced || segment.isEmpty()) {
                segment.rewrite();
            }
            last = segment.baseSequence() - 1;
        }
        directoryChanges++;
        Sync sync = beginSync();
        sync.run();
        endSync(sync);
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

    /// How often the log has been truncated since it was opened.
    public long generation() {
        return generation;
    }

    /// Adds whole batches that continue the log, as a [BatchEncoder] made them, showing each record with its
    /// location. All of them are added or none.
    ///
    /// @throws DiskFullException when there is no room; the log is as it was and may be written to again
    /// @throws IOException when the disk fails or the log is fenced
    /// @throws IllegalArgumentException when the batches do not continue the log
    public void append(ByteBuffer batches, RecordSink sink) throws IOException {
        refuseIfFenced();
        ByteBuffer bytes = RecordFormat.view(batches);
        EpochHistory newEpochs = Continuity.check(bytes, end, epochs);
        write(bytes, 0, newEpochs, sink);
    }

    /// Adds what another copy's log has behind the end of this one, as [#beginRead] gave it there, showing
    /// each record with its location. All of it is added or none.
    ///
    /// Of records that other copies' merges have left out, nothing is there to show that they were: they are
    /// framed
    /// (see `docs/formats.md`), so that the log's end and its epochs are those of the other log.
    ///
    /// @param to the last sequence covered; the log's end then
    /// @param leaders the epochs of the other log
    /// @throws MalformedBatchesException when the batches are not whole and intact or do not continue the log
    /// @throws DiskFullException when there is no room; the log is as it was and may be written to again
    /// @throws IOException when the disk fails or the log is fenced
    public void store(ByteBuffer batches, long from, long to, EpochHistory leaders, RecordSink sink)
            throws IOException {
        refuseIfFenced();
        ByteBuffer bytes = RecordFormat.view(batches);
        EpochHistory newEpochs = leaders.upTo(to);
        boolean dense = SentBatches.check(bytes, from, to, newEpochs, end, epochs);
        if (dense) {
            write(bytes, 0, newEpochs, sink);
        } else {
            Span span = new Span(from + 1, to, bytes.remaining(), newEpochs.within(from + 1, to));
            write(span.encode(bytes), span.frameBytes(), newEpochs, sink);
            end = to;
        }
    }

    /// @param recordsAt where the first record is: behind a frame, if there is one
    private void write(ByteBuffer bytes, int recordsAt, EpochHistory newEpochs, RecordSink sink) throws IOException {
        Segment segment = segmentFor(bytes.remaining(), recordsAt > 0);
        long offset = segment.end();
        boolean known = false;
        try {
            segment.reserve(bytes.remaining(), options);
            segment.noteEnd(end);
            segment.append(bytes);
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
            throw e;
        } finally {
            if (!known && fence == null) {
                fence(new IOException(directory + ": an append broke off and nobody knows how far it came"));
            }
        }
    }

    /// Frames have segments of their own, without MARKs.
    private Segment segmentFor(int length, boolean spans) throws IOException {
        Segment newest = segments.peekLast();
        if (newest != null
                && !(sealed || newest.isMerged())
                && (newest.hasSpans() == spans || newest.isEmpty())
                && (newest.end() == SegmentFormat.HEADER_BYTES || newest.end() + length <= options.segmentBytes())) {
            newest.hasSpans(spans);
            return newest;
        }
        Segment added = addSegment();
        added.hasSpans(spans);
        return added;
    }

    private Segment addSegment() throws IOException {
        cutReserve();
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
            removeStillborn(file, e);
            throw e;
        }
        sealed = false;
        segments.addLast(segment);
        Segment[] all = Arrays.copyOf(byNumber, byNumber.length + 1);
        all[segment.number()] = segment;
        byNumber = all;
        return segment;
    }

    private void removeStillborn(DiskFile file, IOException cause) throws IOException {
        try {
            file.close();
            disk.delete(file.path());
        } catch (IOException e) {
            cause.addSuppressed(e);
            throw fence(cause);
        }
    }

    /// Takes all records after `last` away and makes that last. The next record starts a new segment, so that
    /// nothing that was cut can ever line up behind it; syncs asked for before count for nothing.
    ///
    /// Blocks.
    ///
    /// @throws IllegalArgumentException when `last` is beyond the end or within a batch
    public void truncate(long last) throws IOException {
        refuseIfFenced();
        if (last < 0 || last > end) {
            throw new IllegalArgumentException("record " + last + " is not in a log that ends with " + end);
        }
        long cut = last < end ? endOf(last) : 0;
        generation++;
        durableEnd = Math.min(durableEnd, last);
        try {
            dropAfter(last);
            Segment newest = segments.peekLast();
            if (newest != null && last < end) {
                newest.truncate(cut);
                newest.file().sync();
            }
        } catch (IOException e) {
            throw fence(e);
        }
        epochs = epochs.upTo(last);
        end = last;
        sealed = true;
    }

    /// Where in its segment record `last` ends.
    private long endOf(long last) throws IOException {
        for (Segment segment : List.copyOf(segments).reversed()) {
            if (segment.baseSequence() <= last) {
                return Continuity.endOf(segment, last);
            }
        }
        return 0;
    }

    /// The newest goes first and each for good before the next: a hole would be taken for damage.
    private void dropAfter(long last) throws IOException {
        while (!segments.isEmpty() && segments.getLast().baseSequence() > last) {
            Segment dropped = segments.removeLast();
            dropped.release();
            disk.delete(dropped.file().path());
            disk.syncDirectory(directory);
        }
    }

    /// Gives back what the newest segment has reserved for records to come. To be synced before the log is
    /// closed, so that the next opening finds nothing to cut; more may be written all the same.
    public void cutReserve() throws IOException {
        Segment newest = segments.peekLast();
        if (newest != null) {
            newest.cutReserve();
        }
    }

    /// Asks for a sync of all that is in the log now.
    ///
    /// @throws IOException when the log is fenced: a sync that failed must not be tried again
    public Sync beginSync() throws IOException {
        refuseIfFenced();
        return new Sync(
                disk,
                syncedDirectoryChanges < directoryChanges ? directory : null,
                directoryChanges,
                segments.stream().filter(Segment::isUnsynced).toList(),
                generation,
                end,
                health);
    }

    /// Takes a sync back that has run without an error. It counts for nothing when the log was truncated
    /// meanwhile, or is fenced.
    ///
    /// @return whether the durable end moved
    public boolean endSync(Sync sync) {
        if (sync.generation() != generation || fence != null) {
            return false;
        }
        sync.parts().forEach(part -> part.segment().synced(part.changes()));
        syncedDirectoryChanges = Math.max(syncedDirectoryChanges, sync.directoryChanges());
        if (sync.sequence() <= durableEnd) {
            return false;
        }
        durableEnd = sync.sequence();
        return true;
    }

    /// Asks for the hint of the oldest segment that is full and has none, if all its records are synced and
    /// none is beyond `limit`. Each segment's is asked for once, whatever becomes of it.
    public Optional<HintTask> nextHint(long limit, KeyHasher hasher) {
        return nextHint(limit, 0, hasher);
    }

    /// As above, leaving out the newest full segments that have no more than `spare` bytes together.
    public Optional<HintTask> nextHint(long limit, long spare, KeyHasher hasher) {
        List<FullSegment> candidates = fullSegments(limit);
        int count = candidates.size();
        long bytes = 0;
        while (count > 0 && bytes + candidates.get(count - 1).bytes() <= spare) {
            bytes += candidates.get(--count).bytes();
        }
        for (FullSegment full : candidates.subList(0, count)) {
            Segment segment = byNumber[full.number()];
            if (segment != null && !segment.isHinted() && full.last() >= full.base()) {
                segment.hinted();
                return Optional.of(new HintTask(disk, segment, full.last(), options.partition(), hasher));
            }
        }
        return Optional.empty();
    }

    /// The segments that may be merged: full, synced, with no record beyond `limit`.
    public List<FullSegment> fullSegments(long limit) {
        return FullSegment.among(segments, Math.min(limit, durableEnd));
    }

    /// Begins a snapshot of the records up to `last`, which is synced and ends a batch.
    public LogSnapshot beginSnapshot(long last) {
        return new LogSnapshot(
                disk,
                segments.stream()
                        .filter(segment -> segment.baseSequence() <= last)
                        .toList(),
                last);
    }

    /// Asks for the reading of the oldest segment behind record `after` that is full, if all its records are
    /// synced and none is beyond `limit`.
    public Optional<LogScrub> nextScrub(long after, long limit) {
        for (FullSegment full : fullSegments(limit)) {
            Segment segment = byNumber[full.number()];
            if (segment != null && full.last() > after) {
                return Optional.of(new LogScrub(segment, full.last()));
            }
        }
        return Optional.empty();
    }

    /// The number of the segment that records are added to, if there is one.
    public OptionalInt growing() {
        Segment newest = segments.peekLast();
        return newest == null || newest.isMerged() ? OptionalInt.empty() : OptionalInt.of(newest.number());
    }

    /// How long the segment is that records are added to; 0 when there is none.
    public long growingBytes() {
        Segment newest = segments.peekLast();
        return newest == null ? 0 : newest.end();
    }

    /// Begins a new segment before the newest is full, so that this one can be merged.
    ///
    /// @throws DiskFullException when there is no room for it; the log is as it was
    public void beginSegment() throws IOException {
        refuseIfFenced();
        Segment newest = segments.peekLast();
        if (newest != null && !newest.isEmpty()) {
            addSegment();
        }
    }

    /// Begins to read the batches behind `from`, which ends one, for another copy.
    ///
    /// @param mostBytes about how many bytes to read; one batch is read however large it is
    /// @param limit the last sequence to be read; it ends a batch
    /// @param wholeFrom how far this log must reach for framed records of it to be all that count
    public LogRead beginRead(long from, int mostBytes, long limit, long wholeFrom) {
        if (from < 0 || from >= end) {
            throw new IllegalArgumentException("nothing is behind record " + from + " of a log that ends with " + end);
        }
        Iterator<Segment> newestFirst = segments.descendingIterator();
        Segment segment = newestFirst.next();
        long needed = Math.max(wholeFrom, segment.needed());
        while (segment.baseSequence() > from + 1) {
            segment = newestFirst.next();
            needed = Math.max(needed, segment.needed());
        }
        return new LogRead(
                segment,
                placeIn(segment, from),
                from,
                mostBytes,
                Math.min(limit, end),
                needed,
                segment == segments.getLast(),
                this::remember);
    }

    private LogRead.Place placeIn(Segment segment, long from) {
        LogRead.Place recent = recentPlaces.get(recentIndex(from));
        boolean exact = recent != null && recent.sequence() == from && recent.segment() == segment.number();
        return exact ? recent : segment.placeOf(from);
    }

    private void remember(LogRead.Place place) {
        recentPlaces.set(recentIndex(place.sequence()), place);
    }

    private static int recentIndex(long sequence) {
        return (int) (sequence % RECENT_PLACES);
    }

    /// A reading of a full segment, beside the writer.
    public SegmentReading read(FullSegment full) {
        Segment segment = byNumber[full.number()];
        if (segment == null) {
            throw new IllegalArgumentException("segment " + full.number() + " was merged away");
        }
        return new SegmentReading(segment, full.last());
    }

    /// Begins to merge a run of neighbours out of [#fullSegments]; one merge at a time.
    public LogMerge beginMerge(List<FullSegment> neighbours) throws IOException {
        refuseIfFenced();
        long base = neighbours.getFirst().base();
        long last = neighbours.getLast().last();
        List<Segment> run = segments.stream()
                .filter(segment -> segment.baseSequence() >= base && segment.baseSequence() <= last)
                .toList();
        int number = byNumber.length;
        byNumber = Arrays.copyOf(byNumber, number + 1);
        return new LogMerge(disk, directory, options.partition(), run, last, number, epochs.within(base, last), health);
    }

    /// Takes a published merge's segment in: records are found in both places until [#retire].
    public void adopt(LogMerge merge) {
        List<Segment> now = new ArrayList<>(segments);
        now.set(now.indexOf(merge.run().getFirst()), merge.merged());
        now.removeAll(merge.run());
        segments.clear();
        segments.addAll(now);
        retiring.addAll(merge.run());
        merge.merged().map();
        @Nullable Segment[] all = byNumber.clone();
        all[merge.merged().number()] = merge.merged();
        byNumber = all;
    }

    /// Lets go of the segments that were merged; the keydir must name no location in them any more.
    public void retire(LogMerge merge) throws IOException {
        @Nullable Segment[] all = byNumber.clone();
        merge.run().forEach(segment -> all[segment.number()] = null);
        retiring.removeAll(merge.run());
        byNumber = all;
        for (Segment segment : merge.run()) {
            segment.release();
        }
    }

    /// Whether the log refuses all further writes.
    public boolean isFenced() {
        return fence != null;
    }

    /// Refuses all further writes, because the disk failed.
    ///
    /// @return the exception every further write throws
    public IOException fence(IOException cause) {
        IOException first = fence == null ? cause : fence;
        fence = first;
        return first;
    }

    private void refuseIfFenced() throws IOException {
        IOException cause = fence;
        if (cause != null) {
            throw new IOException(
                    directory + ": the log takes no more writes, its disk failed: " + cause.getMessage(), cause);
        }
    }

    /// Reads one record at a location this log has shown, whole and with its checksum verified.
    ///
    /// @return the record, little-endian, from position 0 to the limit
    /// @throws DamagedLogException when it is not there any more; [ClosedChannelException] when a merge moved
    ///     it
    public ByteBuffer read(long location) throws IOException {
        return read(location, null, RecordReader::copy);
    }

    /// What is made of the record at a location this log has shown.
    ///
    /// @param key given to the use
    /// @throws DamagedLogException when it is not there any more, or not intact; [ClosedChannelException]
    ///     when a
    ///     merge moved it
    public <T> T read(long location, byte @Nullable [] key, RecordUse<T> use) throws IOException {
        Segment segment = byNumber[Location.segment(location)];
        if (segment == null) {
            throw new ClosedChannelException();
        }
        return segment.read(Location.offset(location), key, use);
    }

    /// Syncs nothing; closes all files.
    @Override
    public void close() throws IOException {
        List<Segment> all = new ArrayList<>(segments);
        all.addAll(retiring);
        segments.clear();
        retiring.clear();
        for (Segment segment : all) {
            segment.release();
        }
    }
}
