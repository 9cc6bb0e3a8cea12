package io.caskade.bitcask.log;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.DiskFile.Syncs;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.segment.Segment;
import io.caskade.bitcask.segment.SegmentFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes to the newest segment of a log, and rolls to the next one when it is full. Only the writer calls it.
final class ActiveSegment {

    private static final Logger LOG = LoggerFactory.getLogger(ActiveSegment.class);

    private final Disk disk;
    private final Path directory;
    private final LogOptions options;
    private final LogSegments segments;
    private final SyncTracker syncs;
    private final Fence fence;

    private boolean rollOnNextAppend;
    private long sealedCount;

    ActiveSegment(Disk disk, Path directory, LogOptions options, LogSegments segments, SyncTracker syncs, Fence fence) {
        this.disk = disk;
        this.directory = directory;
        this.options = options;
        this.segments = segments;
        this.syncs = syncs;
        this.fence = fence;
    }

    /// Goes on with the newest segment that an opening found, if it may take more records.
    void resume() throws IOException {
        Segment newest = segments.newest();
        if (newest != null) {
            leaveSharedFile(newest);
            newest.detectFrame();
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

    /// The segment's number, if there is one that is not merged.
    OptionalInt number() {
        Segment newest = segments.newest();
        return newest == null || newest.isMerged() ? OptionalInt.empty() : OptionalInt.of(newest.number());
    }

    /// The segment's length; 0 when there is none.
    long bytes() {
        Segment newest = segments.newest();
        return newest == null ? 0 : newest.end();
    }

    /// How many segments were sealed since the log was opened.
    long sealedCount() {
        return sealedCount;
    }

    /// The segment that takes the next bytes, for [#append]. Frames have segments of their own, without MARKs.
    ///
    /// @param end the log's
    Segment forAppend(int length, boolean framed, long end) throws IOException {
        Segment newest = segments.newest();
        if (newest != null
                && !(rollOnNextAppend || newest.isMerged())
                && (newest.isFramed() == framed || newest.isEmpty())
                && (newest.end() == SegmentFormat.HEADER_BYTES || newest.end() + length <= options.segmentBytes())) {
            newest.setFramed(framed);
            return newest;
        }
        Segment added = roll(end);
        added.setFramed(framed);
        return added;
    }

    /// Writes whole batches, which continue the log.
    ///
    /// @param end the log's, before them
    void append(Segment segment, ByteBuffer bytes, long end) throws IOException {
        long bytesBefore = segment.fileBytes();
        try {
            segment.preallocate(
                    bytes.remaining(),
                    options.reserveBytes(),
                    options.segmentBytes(),
                    options.durability() == Durability.SYNC ? Syncs.OFTEN : Syncs.SELDOM);
            segment.indexEnd(end);
            segment.append(bytes);
        } finally {
            segments.addFileBytes(segment.fileBytes() - bytesBefore);
        }
    }

    /// Seals the segment before it is full, unless it is empty.
    void seal(long end) throws IOException {
        Segment newest = segments.newest();
        if (newest != null && !newest.isEmpty()) {
            roll(end);
        }
    }

    private Segment roll(long end) throws IOException {
        trimPreallocation();
        int number = segments.nextNumber();
        if (number >= Location.MAX_SEGMENTS) {
            throw fence.raise(new IOException(
                    "the log has begun " + number + " segments since it was opened and must be opened again"));
        }
        long base = end + 1;
        DiskFile file = disk.create(directory.resolve(SegmentFormat.fileName(base)));
        Segment segment = new Segment(number, base, file, SegmentFormat.HEADER_BYTES);
        syncs.onDirectoryChanged();
        try {
            segment.begin(SegmentFormat.header(options.partition(), base, syncs.durableEnd()));
        } catch (IOException e) {
            deleteFailed(file, e);
            throw e;
        }
        rollOnNextAppend = false;
        sealNewest();
        segments.add(segment);
        syncs.onChanged(segment);
        return segment;
    }

    /// The newest segment takes no more records.
    private void sealNewest() {
        Segment full = segments.newest();
        if (full != null) {
            full.map();
            full.rest();
            sealedCount++;
        }
    }

    private void deleteFailed(DiskFile file, IOException cause) throws IOException {
        try {
            file.close();
            disk.delete(file.path());
        } catch (IOException e) {
            cause.addSuppressed(e);
            throw fence.raise(cause);
        }
    }

    /// Removes all records after `last`, durably, and rolls before the next append, so that the bytes removed
    /// can never reappear after it.
    ///
    /// @param end the log's, before that
    void truncate(long last, long end) throws IOException {
        long cut = last < end ? segments.endOf(last) : 0;
        syncs.onTruncated(last);
        try {
            dropAfter(last);
            Segment newest = segments.newest();
            if (newest != null && last < end) {
                truncate(newest, cut);
            }
        } catch (IOException e) {
            throw fence.raise(e);
        }
        rollOnNextAppend = true;
    }

    /// Newest first, each durably before the next: a gap would be taken for damage.
    private void dropAfter(long last) throws IOException {
        for (Segment dropped = segments.newest();
                dropped != null && dropped.baseSequence() > last;
                dropped = segments.newest()) {
            segments.remove(dropped);
            syncs.onRemoved(dropped);
            dropped.release();
            disk.delete(dropped.file().path());
            segments.addFileBytes(-dropped.fileBytes());
            disk.syncDirectory(directory);
        }
    }

    private void truncate(Segment newest, long cut) throws IOException {
        long bytesBefore = newest.fileBytes();
        newest.detach(disk);
        newest.truncate(cut);
        segments.addFileBytes(newest.fileBytes() - bytesBefore);
        syncs.onChanged(newest);
        newest.file().sync();
    }

    /// Truncates the segment's reserved space.
    void trimPreallocation() throws IOException {
        Segment newest = segments.newest();
        if (newest != null) {
            long bytesBefore = newest.fileBytes();
            newest.trimPreallocation();
            segments.addFileBytes(newest.fileBytes() - bytesBefore);
        }
    }
}
