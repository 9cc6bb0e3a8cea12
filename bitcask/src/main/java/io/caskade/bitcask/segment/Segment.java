package io.caskade.bitcask.segment;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.DiskFullException;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.DiskFile.Syncs;
import io.caskade.bitcask.disk.FileCopies;
import io.caskade.bitcask.disk.LittleEndian;
import io.caskade.bitcask.record.RecordDecoder;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordFrame;
import io.caskade.bitcask.record.RecordReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One file of the log. The log's writer changes it; any thread may read records below its end.
public final class Segment {

    private static final Logger LOG = LoggerFactory.getLogger(Segment.class);

    private static final int REWRITE_CHUNK = 1 << 20;

    private final int number;
    private final long baseSequence;

    /// Changed by the writer, when the segment gets a file of its own.
    private volatile DiskFile file;

    /// The files it had before, which syncs may still use.
    private final List<DiskFile> replaced = new ArrayList<>();

    /// Of a merged segment, which is never written to.
    private final @Nullable MergedHeader merged;

    /// The log's own hold, and one per sync in progress: the last release closes the file.
    private final AtomicInteger holds = new AtomicInteger(1);

    /// Where the next record goes. Only the writer reads and writes it and what follows.
    private long end;

    /// The end of the preallocated zeros; not beyond the end of the records when there are none.
    private long preallocated;

    /// Whether preallocation failed because the disk was full.
    private boolean grows;

    /// Readers try these first.
    private volatile Mappings mappings;

    /// Whether the file may rest: it takes no more records, all of it is synced and in view. Guarded by this
    /// object's lock, so that no reader closes what the writer has begun to use.
    private boolean resting;

    /// The number of changes to the file, and how many of them are synced.
    private long changes;

    private long syncedChanges;

    /// Whether it has a hint, or one was begun.
    private boolean hinted;

    private final Object hintLock = new Object();

    /// Guarded by the hint's lock.
    private long hintBytes;

    /// Set under the hint's lock and this object's.
    private volatile boolean deleted;

    /// Whether its records are framed; used by the writer, for the newest segment only.
    private boolean framed;

    /// The sparse index; writer only.
    private final SparseIndex index = new SparseIndex();

    /// A plain segment that ends at an offset.
    public Segment(int number, long baseSequence, DiskFile file, long end) {
        this(number, baseSequence, file, end, null);
    }

    private Segment(int number, long baseSequence, DiskFile file, long end, @Nullable MergedHeader merged) {
        this.number = number;
        this.baseSequence = baseSequence;
        this.file = file;
        this.mappings = new Mappings(file);
        this.end = end;
        this.merged = merged;
    }

    /// A merged segment.
    public static Segment merged(int number, DiskFile file, MergedHeader header) {
        return new Segment(number, header.name().base(), file, header.length(), header);
    }

    /// Whether it is a merged segment.
    public boolean isMerged() {
        return merged != null;
    }

    /// The last sequence a merged segment covers.
    public long mergedLast() {
        return merged == null ? 0 : merged.name().last();
    }

    /// The log is complete with a merged segment only if it reaches this sequence.
    public long completeAt() {
        return merged == null ? 0 : Math.max(merged.completeAt(), mergedLast());
    }

    /// The newest time of a MARK that was merged away.
    public long mergedTime() {
        return merged == null ? 0 : merged.time();
    }

    /// How often its records were merged.
    public int generation() {
        return merged == null ? 0 : merged.name().generation();
    }

    /// Where its first record is.
    int headerBytes() {
        return merged == null ? SegmentFormat.HEADER_BYTES : merged.bytes();
    }

    /// The checksum that its header claims.
    public int headerCrc() throws IOException {
        ByteBuffer header = LittleEndian.allocate(merged == null ? SegmentFormat.HEADER_BYTES : merged.bytes());
        file.read(header, 0);
        return header.getInt(merged == null ? SegmentFormat.CRC : MergedHeader.CRC);
    }

    /// Its number in locations.
    public int number() {
        return number;
    }

    /// The first sequence it covers.
    public long baseSequence() {
        return baseSequence;
    }

    /// The open file.
    public DiskFile file() {
        return file;
    }

    /// The offset at which its records end.
    public long end() {
        return end;
    }

    /// The length of its file: to the end of its records, or of the space preallocated behind them.
    public long fileBytes() {
        return Math.max(end, preallocated);
    }

    /// Whether it has no records.
    public boolean isEmpty() {
        return end <= headerBytes();
    }

    /// Whether it has changes that are not known to be synced.
    public boolean isUnsynced() {
        return syncedChanges < changes;
    }

    /// What a sync that begins now covers.
    public long changes() {
        return changes;
    }

    /// Records that a sync covered its changes up to this count.
    public void markSynced(long coveredChanges) {
        syncedChanges = Math.max(syncedChanges, coveredChanges);
    }

    /// Makes the next sync cover it, although it has no known unsynced changes.
    public void markDirty() {
        changes++;
    }

    /// Writes the header of a segment that was just created.
    public void begin(ByteBuffer header) throws IOException {
        changes++;
        file.write(header, 0);
    }

    /// Preallocates space for the next bytes and more, except for large writes, which are as fast without it.
    /// Without preallocation a file grows with each write.
    ///
    /// @param step how many bytes to reserve at a time
    /// @param maxBytes how long the file may become
    public void preallocate(int length, long step, long maxBytes, Syncs syncs) throws IOException {
        long to = Math.min(end + step, maxBytes);
        if (end + length <= preallocated || grows || length > step / 2 || end + length > to) {
            return;
        }
        changes++;
        try {
            file.reserve(end, to, syncs);
            preallocated = to;
            mappings.onPreallocated(to);
        } catch (DiskFullException e) {
            grows = true;
        } catch (IOException e) {
            undo(e);
            throw e;
        }
    }

    /// Truncates the preallocated space of a sealed segment.
    public void trimPreallocation() throws IOException {
        if (preallocated > end) {
            change();
            mappings.cut(end);
            file.truncate(end);
            preallocated = 0;
        }
    }

    /// Writes whole batches after the last one; the buffer's position is unchanged. On failure the segment's
    /// end is unchanged.
    public void append(ByteBuffer batches) throws IOException {
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
        mappings.onAppended(end, fileBytes());
    }

    /// Maps the whole file. A segment that cannot be mapped is read with system calls.
    public void map() {
        mappings.seal(end);
    }

    /// Lets the file of a segment rest that takes no more records, if all of it is synced and mapped. Until it
    /// is changed it needs no open file then.
    public synchronized void rest() {
        resting = !deleted && !isUnsynced() && mappings.isSealed(end);
        restIfAllowed();
    }

    private synchronized void restIfAllowed() {
        try {
            if (resting && holds.get() == 1) {
                file.rest();
            }
        } catch (IOException e) {
            LOG.warn("{}: its descriptors cannot be closed: {}", file.path(), e.getMessage());
        }
    }

    private synchronized void change() {
        changes++;
        resting = false;
    }

    /// Detects whether its records are framed.
    public void detectFrame() throws IOException {
        ByteBuffer header = LittleEndian.allocate(RecordFormat.HEADER_BYTES);
        framed = !isMerged()
                && file.read(header, SegmentFormat.HEADER_BYTES) >= RecordFormat.HEADER_BYTES
                && RecordFrame.isAt(header, 0);
    }

    /// Whether its records are framed.
    public boolean isFramed() {
        return framed;
    }

    /// Sets whether its records are framed.
    public void setFramed(boolean now) {
        framed = now;
    }

    /// The last known position at or before the record after `sequence`.
    public ReadPosition positionBefore(long sequence) {
        return index.before(this, sequence);
    }

    /// Adds to the sparse index that the record after `sequence` comes next.
    public void indexEnd(long sequence) {
        index.add(sequence, end);
    }

    /// Fills a buffer with the bytes from an offset on. Thread-safe.
    ///
    /// @return how many bytes were read: all that the buffer had room for
    /// @throws IOException when the disk fails or the file has become shorter
    public int read(ByteBuffer into, long offset) throws IOException {
        Mapping view = mappings.at(offset);
        int length = into.remaining();
        try {
            if (view.has(offset, length)) {
                into.put(into.position(), view.records(), view.index(offset), length)
                        .position(into.limit());
                return length;
            }
        } catch (IllegalStateException e) {
            view.requireGivenBack(e);
            return read(into, offset);
        } catch (InternalError e) {
            throw new IOException(file.path() + ": bytes from offset " + offset + " on cannot be read", e);
        }
        if (file.read(into, offset) < length) {
            throw new IOException(file.path() + ": ends before offset " + (offset + length));
        }
        return length;
    }

    /// The header and key of the record at an offset, if its key has this length; what the file has there,
    /// unchecked, and less at its end. Thread-safe.
    ///
    /// @throws IOException when the disk fails
    public ByteBuffer readHead(long offset, int keyLength) throws IOException {
        ByteBuffer head = LittleEndian.allocate(RecordFormat.HEADER_BYTES + keyLength);
        Mapping view = mappings.at(offset);
        try {
            if (view.has(offset, head.capacity())) {
                return head.put(0, view.records(), view.index(offset), head.capacity());
            }
        } catch (IllegalStateException e) {
            view.requireGivenBack(e);
            return readHead(offset, keyLength);
        } catch (InternalError e) {
            throw new IOException(file.path() + ": the record at offset " + offset + " cannot be read", e);
        }
        file.read(head, offset);
        return head.flip();
    }

    /// Decodes the record at an offset. Thread-safe.
    ///
    /// @param key passed to the decoder
    /// @throws io.caskade.bitcask.DamagedLogException when there is no intact record
    /// @throws IOException when the disk fails
    public <T> T read(long offset, byte @Nullable [] key, RecordDecoder<T> use) throws IOException {
        Mapping view = mappings.at(offset);
        try {
            if (view.hasRecordAt(offset)) {
                return RecordReader.use(file.path(), offset, view.records(), view.index(offset), key, use);
            }
        } catch (IllegalStateException e) {
            view.requireGivenBack(e);
            return read(offset, key, use);
        } catch (InternalError e) {
            // How the JDK reports an I/O error on a mapped page.
            throw new IOException(file.path() + ": the record at offset " + offset + " cannot be read", e);
        }
        return RecordReader.use(file.path(), offset, RecordReader.read(file, offset), 0, key, use);
    }

    /// Decodes the record at an offset if it is in the page cache; null otherwise, or when it is not intact.
    /// Thread-safe, and waits for the disk only if the operating system drops the page at that moment.
    ///
    /// @param maxBytes how long the record is at most
    /// @param moment goes up by one from moment to moment, for which it is believed what is in the page cache
    /// @param key passed to the decoder
    public <T> @Nullable T readIfLoaded(
            long offset, long maxBytes, int moment, byte @Nullable [] key, RecordDecoder<T> use) {
        Mapping view = mappings.at(offset);
        try {
            return view.hasLoadedRecordAt(offset, maxBytes, moment)
                    ? RecordReader.use(file.path(), offset, view.records(), view.index(offset), key, use)
                    : null;
        } catch (IllegalStateException e) {
            view.requireGivenBack(e);
            return null;
        } catch (DamagedLogException | InternalError e) {
            // The caller that reads the record by #read instead meets the same, and says so.
            return null;
        }
    }

    /// A failed write may have written whole records, which could otherwise continue the next ones.
    private void undo(IOException cause) throws IOException {
        preallocated = 0;
        mappings.cut(end);
        try {
            file.truncate(end);
            file.sync();
        } catch (IOException e) {
            cause.addSuppressed(e);
            throw new UndoFailedException(file.path(), cause);
        }
    }

    /// Sets the end, as recovery found it.
    public void setEnd(long foundEnd) {
        end = foundEnd;
    }

    /// Rewrites the whole file, so that the next sync must write it to the disk.
    public void rewrite() throws IOException {
        change();
        ByteBuffer chunk = ByteBuffer.allocateDirect((int) Math.min(REWRITE_CHUNK, end));
        for (long at = 0; at < end; at += chunk.limit()) {
            file.read(chunk.clear().limit((int) Math.min(chunk.capacity(), end - at)), at);
            file.write(chunk.flip(), at);
        }
    }

    /// Gives it a file of its own, synced, if its file has other names, as in a copy of the directory that is
    /// made of links. To be called by the writer before it changes a file that it did not create.
    ///
    /// @return whether it has another file now, which is not mapped
    public boolean detach(Disk disk) throws IOException {
        if (!FileCopies.detach(disk, file.path())) {
            return false;
        }
        DiskFile own = disk.open(file.path());
        mappings.drop();
        replaced.add(file);
        file = own;
        mappings = new Mappings(own);
        LOG.info("{}: had other names; it is a copy of its own now", own.path());
        return true;
    }

    /// Whether it has a hint, or one was begun.
    public boolean isHinted() {
        return hinted;
    }

    /// Records that it has a hint, or that one was begun.
    public void markHinted() {
        hinted = true;
    }

    /// Records that it has a hint of that length.
    public void markHinted(long bytes) {
        markHinted();
        synchronized (hintLock) {
            hintBytes = bytes;
        }
    }

    /// The length of its hint; 0 when there is none. For any thread.
    public long hintBytes() {
        synchronized (hintLock) {
            return hintBytes;
        }
    }

    /// Puts a hint in its place, unless the segment is deleted already: its hint would be left for ever.
    ///
    /// @param length of the hint
    /// @return whether it is in place
    public boolean installHint(long length, HintMove move) throws IOException {
        synchronized (hintLock) {
            if (!deleted) {
                move.run();
                hintBytes = length;
            }
            return !deleted;
        }
    }

    /// Moves a hint to its place.
    @FunctionalInterface
    public interface HintMove {
        /// Moves it.
        void run() throws IOException;
    }

    /// Declares that its files are about to be deleted: no hint is installed from now on, and while others hold
    /// it, its file stays open, because it cannot be opened again.
    public void markDeleted() {
        synchronized (hintLock) {
            deleteUnrested();
        }
    }

    private synchronized void deleteUnrested() {
        deleted = true;
        resting = false;
    }

    /// Truncates the file at an offset.
    public void truncate(long newEnd) throws IOException {
        change();
        mappings.drop();
        preallocated = 0;
        file.truncate(newEnd);
        end = newEnd;
        index.dropBehind(newEnd);
    }

    /// Keeps the file open until a matching [#release].
    public void hold() {
        holds.incrementAndGet();
    }

    /// Ends a hold; the last one closes the file and gives its maps back.
    public void release() throws IOException {
        int left = holds.decrementAndGet();
        if (left == 0) {
            try (DiskFile _ = file) {
                mappings.drop();
                for (DiskFile before : replaced) {
                    before.close();
                }
            }
        } else if (left == 1) {
            restIfAllowed();
        }
    }
}
