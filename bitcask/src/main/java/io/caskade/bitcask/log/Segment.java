package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.DiskFile.Syncs;
import io.caskade.bitcask.disk.DiskFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// One file of the log. The log's writer changes it; any thread may read records below its end.
final class Segment {

    private static final int REWRITE_CHUNK = 1 << 20;

    /// How far a segment grows before its new part is mapped; until then it is read with calls of the system.
    private static final int MAP_STEP = 4 << 20;

    private final int number;
    private final long baseSequence;
    private final DiskFile file;

    /// Of a merged segment, which is never written to.
    private final @Nullable MergedHeader merged;

    /// The log's own hold, and one for each sync under way: the last to let go closes the file.
    private final AtomicInteger holds = new AtomicInteger(1);

    /// Where the next record goes. Only the writer reads and writes it and what follows.
    private long end;

    /// Up to where the file has zeros for records to come; not beyond the end when it has none.
    private long reserved;

    /// Whether the disk had no room to reserve.
    private boolean grows;

    /// What readers look at first: a view of the file up to about its end, replaced by the writer.
    private volatile Mapping mapping = Mapping.NONE;

    /// Counts what was done to the file, and what of that is known to be synced.
    private long changes;

    private long syncedChanges;

    /// Whether its file was given another name in this life.
    private volatile boolean shared;

    /// Whether it has a hint, or one was asked for.
    private boolean hinted;

    /// Whether its records stand in frames; only the writer asks, of the newest.
    private boolean spans;

    /// Where records behind some of its sequences are, for the writer alone.
    private final SegmentPlaces places = new SegmentPlaces();

    Segment(int number, long baseSequence, DiskFile file, long end) {
        this(number, baseSequence, file, end, null);
    }

    private Segment(int number, long baseSequence, DiskFile file, long end, @Nullable MergedHeader merged) {
        this.number = number;
        this.baseSequence = baseSequence;
        this.file = file;
        this.end = end;
        this.merged = merged;
    }

    static Segment merged(int number, DiskFile file, MergedHeader header) {
        return new Segment(number, header.name().base(), file, header.length(), header);
    }

    boolean isMerged() {
        return merged != null;
    }

    /// The last sequence a merged segment covers.
    long mergedLast() {
        return merged == null ? 0 : merged.name().last();
    }

    /// Up to where the log must reach for a merged segment to be right.
    long needed() {
        return merged == null ? 0 : Math.max(merged.needed(), mergedLast());
    }

    /// The newest time that merges took away with its MARK.
    long mergedTime() {
        return merged == null ? 0 : merged.time();
    }

    int generation() {
        return merged == null ? 0 : merged.name().generation();
    }

    /// Where its first record is.
    int headerBytes() {
        return merged == null ? SegmentFormat.HEADER_BYTES : merged.bytes();
    }

    /// The checksum that its header claims.
    int headerCrc() throws IOException {
        ByteBuffer header = HintFormat.allocate(merged == null ? SegmentFormat.HEADER_BYTES : merged.bytes());
        file.read(header, 0);
        return header.getInt(merged == null ? SegmentFormat.CRC : MergedHeader.CRC);
    }

    int number() {
        return number;
    }

    long baseSequence() {
        return baseSequence;
    }

    DiskFile file() {
        return file;
    }

    long end() {
        return end;
    }

    boolean isEmpty() {
        return end <= headerBytes();
    }

    boolean isUnsynced() {
        return syncedChanges < changes;
    }

    /// What a sync that is asked for now will cover.
    long changes() {
        return changes;
    }

    void synced(long coveredChanges) {
        syncedChanges = Math.max(syncedChanges, coveredChanges);
    }

    /// Has the next sync cover it, though nothing is known to be unsynced.
    void touch() {
        changes++;
    }

    /// Writes the header of a segment that was just created.
    void begin(ByteBuffer header) throws IOException {
        changes++;
        file.write(header, 0);
    }

    /// Sees to it that the file has its place on the disk for the next bytes, and for some more, if they are
    /// few: many at once are written as fast without. A file that has none grows with each write.
    void reserve(int length, LogOptions options) throws IOException {
        long step = options.reserveBytes();
        long to = Math.min(end + step, options.segmentBytes());
        if (end + length <= reserved || grows || length > step / 2 || end + length > to) {
            return;
        }
        changes++;
        try {
            file.reserve(end, to, options.durability() == Durability.SYNC ? Syncs.OFTEN : Syncs.SELDOM);
            reserved = to;
        } catch (DiskFullException e) {
            grows = true;
        } catch (IOException e) {
            undo(e);
            throw e;
        }
    }

    /// Cuts what is reserved off a segment that takes no more records.
    void cutReserve() throws IOException {
        if (reserved > end) {
            changes++;
            file.truncate(end);
            reserved = 0;
        }
    }

    /// Writes whole batches behind the last one; the buffer's position is as it was then. When it fails the
    /// segment ends where it did before.
    void append(ByteBuffer batches) throws IOException {
        int position = batches.position();
        int length = batches.remaining();
        changes++;
        try {
            file.write(batches, end);
        } catch (IOException e) {
            undo(e);
            throw e;
        } finally {
            batches.position(position);
        }
        end += length;
        if (end - mapping.bytes() >= MAP_STEP) {
            map();
        }
    }

    /// Maps all there is now. A segment that cannot be mapped is read with calls of the system.
    void map() {
        mapping = Mapping.of(file, end);
    }

    /// Finds out whether its records stand in frames.
    void lookForSpans() throws IOException {
        ByteBuffer header = HintFormat.allocate(RecordFormat.HEADER_BYTES);
        spans = !isMerged()
                && file.read(header, SegmentFormat.HEADER_BYTES) >= RecordFormat.HEADER_BYTES
                && Span.isAt(header, 0);
    }

    boolean hasSpans() {
        return spans;
    }

    void hasSpans(boolean now) {
        spans = now;
    }

    /// The last place known that is not behind the record after `sequence`.
    LogRead.Place placeOf(long sequence) {
        return places.before(this, sequence);
    }

    /// Says that the record behind `sequence` comes next.
    void noteEnd(long sequence) {
        places.add(sequence, end);
    }

    /// So many bytes, copied; for any thread.
    ///
    /// @throws IOException when the disk fails or the file has become shorter
    ByteBuffer bytes(long offset, int length) throws IOException {
        Mapping view = mapping;
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        try {
            if (offset + length <= view.records().limit()) {
                return bytes.put(0, view.records(), (int) offset, length);
            }
        } catch (InternalError e) {
            throw new IOException(file.path() + ": bytes from offset " + offset + " on cannot be read", e);
        }
        if (file.read(bytes, offset) < length) {
            throw new IOException(file.path() + ": ends before offset " + (offset + length));
        }
        return bytes.flip();
    }

    /// What is made of the record at an offset; for any thread.
    ///
    /// @param key given to the use
    /// @throws DamagedLogException when the bytes there are no record, or the use says that it is not intact
    /// @throws IOException when the disk fails
    <T> T read(long offset, byte @Nullable [] key, RecordUse<T> use) throws IOException {
        Mapping view = mapping;
        try {
            if (view.hasRecordAt(offset)) {
                return RecordReader.use(file.path(), offset, view.records(), (int) offset, key, use);
            }
        } catch (InternalError e) {
            // What the JDK makes of a page that the disk does not give.
            throw new IOException(file.path() + ": the record at offset " + offset + " cannot be read", e);
        }
        return RecordReader.use(file.path(), offset, RecordReader.read(file, offset), 0, key, use);
    }

    /// Part of a failed write may be whole records; were they left, they would line up behind what is written
    /// next.
    private void undo(IOException cause) throws IOException {
        reserved = 0;
        try {
            file.truncate(end);
            file.sync();
        } catch (IOException e) {
            cause.addSuppressed(e);
            throw new UndoFailedException(file.path(), cause);
        }
    }

    /// Sets where the next record goes, as recovery found it.
    void recovered(long foundEnd) {
        end = foundEnd;
    }

    /// Writes all that the file holds once more, so that the next sync has to bring it to the disk.
    void rewrite() throws IOException {
        changes++;
        ByteBuffer chunk = ByteBuffer.allocateDirect((int) Math.min(REWRITE_CHUNK, end));
        for (long at = 0; at < end; at += chunk.limit()) {
            file.read(chunk.clear().limit((int) Math.min(chunk.capacity(), end - at)), at);
            file.write(chunk.flip(), at);
        }
    }

    /// Says that its file is about to get another name, whose owner counts on its bytes.
    void share() {
        shared = true;
    }

    /// Whether somebody else counts on the bytes of its file, a snapshot for one: the file may be read and its
    /// name deleted, but it must neither be written over nor cut, and so not recycled. Snapshots of earlier
    /// lives are known by the file's names.
    boolean isShared(Disk disk) throws IOException {
        return shared || disk.names(file.path()) > 1;
    }

    boolean isHinted() {
        return hinted;
    }

    void hinted() {
        hinted = true;
    }

    void truncate(long newEnd) throws IOException {
        changes++;
        mapping = Mapping.NONE;
        reserved = 0;
        file.truncate(newEnd);
        end = newEnd;
        places.dropBehind(newEnd);
    }

    void hold() {
        holds.incrementAndGet();
    }

    void release() throws IOException {
        if (holds.decrementAndGet() == 0) {
            file.close();
        }
    }
}
