package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.Disk;
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
import io.caskade.bitcask.segment.SealedSegment;
import io.caskade.bitcask.segment.Segment;
import io.caskade.bitcask.segment.SegmentName;
import io.caskade.bitcask.segment.UndoFailedException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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

    private final Disk disk;
    private final Path directory;
    private final LogOptions options;
    private final LogSegments segments;
    private final Fence fence;
    private final SyncTracker syncs;
    private final ActiveSegment active;
    private final LogReads reads;

    private EpochHistory epochs;
    private long end;

    private Log(Disk disk, Path directory, LogOptions options, LogSegments segments, EpochHistory epochs, long end) {
        this.disk = disk;
        this.directory = directory;
        this.options = options;
        this.segments = segments;
        this.fence = new Fence(directory);
        this.syncs = new SyncTracker(disk, directory, segments);
        this.active = new ActiveSegment(disk, directory, options, segments, syncs, fence);
        this.reads = new LogReads(segments);
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
        List<Segment> found = recovered.segments();
        LogSegments segments = new LogSegments(found, found.size());
        Log log = new Log(disk, directory, options, segments, recovered.epochs(), recovered.end());
        return log.finishOpening(recovered.synced());
    }

    /// Opens a log in a directory that the caller has locked, without reading its records, if it is unchanged
    /// since its clean close. Otherwise changes nothing.
    ///
    /// @param manifest the result of [#manifest] at that close
    public static Optional<Log> openFromManifest(Disk disk, Path directory, LogOptions options, LogManifest manifest)
            throws IOException {
        Optional<List<Segment>> found = manifest.open(disk, directory, options.partition());
        if (found.isEmpty()) {
            return Optional.empty();
        }
        LogSegments segments = new LogSegments(found.get(), manifest.nextNumber());
        Log log = new Log(disk, directory, options, segments, manifest.epochs(), manifest.end());
        Log opened = log.finishOpening(manifest.end());
        SegmentFiles.list(disk, directory).deleteRemains(disk, directory);
        return Optional.of(opened);
    }

    private Log finishOpening(long synced) throws IOException {
        boolean opened = false;
        try {
            active.resume();
            syncs.syncOpened(synced, end);
            segments.map();
            opened = true;
            return this;
        } finally {
            if (!opened) {
                close();
            }
        }
    }

    /// Describes the log, all of which is synced, so that it can be opened again without reading its records.
    ///
    /// @throws IOException when a file cannot be read, or locations that a merge replaced are still in use
    public LogManifest manifest() throws IOException {
        if (segments.isRetiring()) {
            throw new IOException(directory + ": segments are being merged");
        }
        return LogManifest.of(segments, epochs, end);
    }

    /// The last record's sequence, 0 when there is none.
    public long end() {
        return end;
    }

    /// The last record that is known to survive a power failure.
    public long durableEnd() {
        return syncs.durableEnd();
    }

    /// Which epochs wrote which records.
    public EpochHistory epochs() {
        return epochs;
    }

    /// The number of truncations since the log was opened.
    public long truncations() {
        return syncs.truncations();
    }

    /// Appends whole batches that continue the log, as a `BatchEncoder` made them, and shows each record with
    /// its location. All or nothing.
    ///
    /// @throws io.caskade.bitcask.DiskFullException when the disk is full; the log is unchanged and accepts
    ///     further writes
    /// @throws IOException when the disk fails or the log is fenced
    /// @throws IllegalArgumentException when the batches do not continue the log
    public void append(ByteBuffer batches, RecordSink sink) throws IOException {
        fence.requireUnfenced();
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
    ///     further writes
    /// @throws IOException when the disk fails or the log is fenced
    public void appendReplicated(ByteBuffer batches, long from, long to, EpochHistory leaderEpochs, RecordSink sink)
            throws IOException {
        fence.requireUnfenced();
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
        Segment segment = active.forAppend(bytes.remaining(), recordsAt > 0, end);
        long offset = segment.end();
        boolean known = false;
        try {
            active.append(segment, bytes, end);
            epochs = newEpochs;
            int length;
            for (int at = recordsAt; at < bytes.limit(); at += length) {
                length = RecordFormat.trustedLength(bytes, at);
                end = RecordFormat.sequence(bytes, at);
                sink.accept(bytes, at, Location.of(segment.number(), offset + at, length));
            }
            known = true;
        } catch (UndoFailedException e) {
            throw fence.raise(e);
        } catch (IOException e) {
            known = true;
            throw e;
        } finally {
            if (!known && !fence.isRaised()) {
                fence.raise(new IOException(directory + ": an append failed midway; the state of the log is unknown"));
            }
        }
    }

    /// Removes all records after `last`, durably. The next append rolls to a new segment, so that truncated
    /// bytes can never reappear after it; syncs that began before no longer count.
    ///
    /// Blocks.
    ///
    /// @throws IllegalArgumentException when `last` is beyond the end or within a batch
    public void truncate(long last) throws IOException {
        fence.requireUnfenced();
        if (last < 0 || last > end) {
            throw new IllegalArgumentException("record " + last + " is not in a log that ends with " + end);
        }
        active.truncate(last, end);
        epochs = epochs.upTo(last);
        end = last;
    }

    /// Truncates the reserved space of the newest segment. Sync before closing, so that the next opening has
    /// nothing to truncate; the log may still be written to.
    public void trimPreallocation() throws IOException {
        active.trimPreallocation();
    }

    /// The length of all files of the log: segments with the space they have preallocated, hints, what a merge
    /// has written so far, and what was merged away until it is deleted. For any thread.
    public long fileBytes() {
        return segments.fileBytes();
    }

    /// How many segments were sealed since the log was opened.
    public long sealedCount() {
        return active.sealedCount();
    }

    /// Begins a sync of everything in the log.
    ///
    /// @throws IOException when the log is fenced: a sync that failed must not be tried again
    public Sync beginSync() throws IOException {
        fence.requireUnfenced();
        return syncs.begin(end);
    }

    /// How many segments a sync looks at.
    int unsyncedCandidates() {
        return syncs.candidates();
    }

    /// Ends a successful sync. It does not count if the log was truncated meanwhile, is fenced or is closed.
    ///
    /// @return whether the durable end moved
    public boolean endSync(Sync sync) {
        return !fence.isRaised() && !fence.isClosed() && syncs.end(sync);
    }

    /// Begins the hint of the oldest sealed segment without one whose records are all synced and none beyond
    /// `limit`. Begun once per segment, even if it fails.
    public Optional<HintWriter> beginHint(long limit, KeyHasher hasher) {
        return beginHint(limit, 0, hasher);
    }

    /// Begins a hint as [above][#beginHint(long, KeyHasher)], leaving out the newest sealed segments with
    /// together at most `maxUnhintedBytes` bytes.
    public Optional<HintWriter> beginHint(long limit, long maxUnhintedBytes, KeyHasher hasher) {
        Segment segment = segments.takeUnhinted(Math.min(limit, durableEnd()), maxUnhintedBytes);
        if (segment == null) {
            return Optional.empty();
        }
        return Optional.of(new HintWriter(
                disk, segment, segments.lastOf(segment), options.partition(), hasher, segments::addFileBytes));
    }

    /// The segments that may be merged: sealed, synced, with no record beyond `limit`.
    public List<SealedSegment> sealedSegments(long limit) {
        return SealedSegment.among(segments.oldestFirst(), Math.min(limit, durableEnd()));
    }

    /// The sealed segments with no record beyond `limit`, synced or not.
    public List<SealedSegment> sealedSegmentsWithUnsynced(long limit) {
        return SealedSegment.among(segments.oldestFirst(), limit);
    }

    /// Whether a sealed segment has records up to `limit` that are not synced.
    public boolean hasUnsyncedSealed(long limit) {
        Segment newest = segments.newest();
        return newest != null && Math.min(limit, newest.baseSequence() - 1) > durableEnd();
    }

    /// Begins a snapshot of the records up to `last`, which is synced and ends a batch.
    public LogSnapshot beginSnapshot(long last) {
        fence.requireOpen();
        return new LogSnapshot(disk, segments.upTo(last), last);
    }

    /// Begins the scrub of the oldest sealed segment after record `after`, if all its records are synced and
    /// none is beyond `limit`.
    public Optional<LogScrub> nextScrub(long after, long limit) {
        Segment next = segments.covering(after + 1);
        if (next == null || next == segments.newest()) {
            return Optional.empty();
        }
        long last = segments.lastOf(next);
        return last <= Math.min(limit, durableEnd()) ? Optional.of(new LogScrub(next, last)) : Optional.empty();
    }

    /// The number of the active segment, if there is one.
    public OptionalInt activeSegment() {
        return active.number();
    }

    /// The length of the active segment; 0 when there is none.
    public long activeBytes() {
        return active.bytes();
    }

    /// Seals the active segment before it is full, so that it can be merged.
    ///
    /// @throws io.caskade.bitcask.DiskFullException when the disk is full; the log is unchanged
    public void sealActiveSegment() throws IOException {
        fence.requireUnfenced();
        active.seal(end);
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
        fence.requireOpen();
        return reads.begin(from, maxBytes, Math.min(limit, end), completeAt, logTime);
    }

    /// Begins a scan of a sealed segment, off the writer's thread.
    public SegmentScan beginScan(SealedSegment full) {
        fence.requireOpen();
        return new SegmentScan(segments.numbered(full.number()), full.last());
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
        fence.requireUnfenced();
        long base = adjacent.getFirst().base();
        long last = adjacent.getLast().last();
        int number = segments.takeNumber();
        LogMerge.Input run = new LogMerge.Input(segments.between(base, last), last, Set.copyOf(dead), deadTime);
        return new LogMerge(
                disk, directory, options.partition(), run, number, epochs.within(base, last), syncs.health(), segments);
    }

    /// Adds a published merge's segment to the log. Both places stay readable until [#retireReplaced].
    public void replaceSegments(LogMerge merge) {
        fence.requireOpen();
        segments.replace(merge.run(), merge.merged());
        merge.run().forEach(syncs::onRemoved);
    }

    /// Takes the segments that were merged out of readers' sight; the keydir must no longer name a location in
    /// them. [LogMerge#deleteOld] releases them.
    ///
    /// @return the numbers that they had
    public List<Integer> retireReplaced(LogMerge merge) {
        segments.retire(merge.run());
        // Not before: until here the merge may read it.
        merge.merged().rest();
        return merge.run().stream().map(Segment::number).toList();
    }

    /// Whether the log refuses all further writes.
    public boolean isFenced() {
        return fence.isRaised();
    }

    /// Fences the log after a disk failure: it refuses all further writes.
    ///
    /// @return the exception every further write throws
    public IOException fence(IOException cause) {
        return fence.raise(cause);
    }

    /// Whether it was closed. For any thread.
    public boolean isClosed() {
        return fence.isClosed();
    }

    /// Reads one record at a location this log has shown, whole and with its checksum verified.
    ///
    /// @return the record, little-endian, from position 0 to the limit
    /// @throws io.caskade.bitcask.DamagedLogException when it is missing
    /// @throws java.nio.channels.ClosedChannelException when a merge moved it
    public ByteBuffer read(long location) throws IOException {
        return read(location, null, RecordReader::copy);
    }

    /// Decodes the record at a location that this log has shown.
    ///
    /// @param key passed to the decoder
    /// @throws io.caskade.bitcask.DamagedLogException when it is missing or not intact
    /// @throws java.nio.channels.ClosedChannelException when a merge moved it
    public <T> T read(long location, byte @Nullable [] key, RecordDecoder<T> use) throws IOException {
        return segments.at(location).read(Location.offset(location), key, use);
    }

    /// Decodes the record at a location that this log has shown, if it is in the page cache; null otherwise,
    /// when it is not intact, or when a merge moved it.
    ///
    /// @param moment see [Segment#readIfLoaded]
    /// @param key passed to the decoder
    public <T> @Nullable T readIfLoaded(long location, int moment, byte @Nullable [] key, RecordDecoder<T> use) {
        Segment segment = segments.find(location);
        return segment == null
                ? null
                : segment.readIfLoaded(Location.offset(location), Location.maxBytes(location), moment, key, use);
    }

    /// The header and key of the record at a location that this log has shown, if its key has this length; what
    /// the file has there, unchecked.
    ///
    /// @throws java.nio.channels.ClosedChannelException when a merge moved it
    public ByteBuffer readHead(long location, int keyLength) throws IOException {
        return segments.at(location).readHead(Location.offset(location), keyLength);
    }

    /// Closes all files without a sync. After that, everything but queries throws
    /// [io.caskade.bitcask.StoreClosedException].
    @Override
    public void close() throws IOException {
        fence.close();
        segments.release();
    }
}
