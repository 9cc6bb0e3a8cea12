package io.caskade.bitcask.log;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.FileWindow;
import io.caskade.bitcask.disk.LittleEndian;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordFrame;
import io.caskade.bitcask.segment.ReadPosition;
import io.caskade.bitcask.segment.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.function.Consumer;

/// Reads raw batches for another copy: begun by the log's writer ([Log#beginRead]), run once on any thread. A
/// concurrent merge of the segment is harmless; after a truncation the result, batches or exception, is
/// meaningless.
///
/// Bytes are copied once, from the segment's memory map, and every checksum is verified, so that damage does
/// not spread.
public final class LogRead {

    private static final int SEEK_BYTES = 256 << 10;

    private final Segment segment;
    private final ReadPosition start;
    private final int maxBytes;
    private final long limit;
    private final long end;
    private final long completeAt;
    private final long logTime;
    private final boolean tail;
    private final Consumer<ReadPosition> positions;

    private final FileWindow window;

    private long at;
    private long frameEnd;
    private long frameLast;
    private boolean sparse;

    /// The last sequence covered so far, and the batches up to it; -1 for none.
    private long to;

    private long batchesFrom = -1;
    private long batchesEnd;

    LogRead(
            Segment segment,
            ReadPosition start,
            long from,
            int maxBytes,
            long limit,
            long completeAt,
            long logTime,
            boolean tail,
            Consumer<ReadPosition> positions) {
        this.segment = segment;
        this.start = start;
        this.maxBytes = maxBytes;
        this.limit = limit;
        this.end = segment.end();
        this.window = new FileWindow(segment.file().path(), end, segment::read);
        this.completeAt = completeAt;
        this.logTime = logTime;
        this.tail = tail;
        this.positions = positions;
        this.to = from;
        segment.hold();
    }

    /// Whether the batches were probably written just now, and are in memory.
    public boolean isTail() {
        return tail;
    }

    /// Reads the batches. Blocks on the disk when they are not in memory.
    ///
    /// @throws DamagedLogException when the segment's bytes are not what was written
    /// @throws IOException when the disk fails
    public RawRecords run() throws IOException {
        long from = to;
        try {
            at = start.offset();
            frameEnd = start.frameEnd();
            frameLast = start.frameLast();
            sparse = segment.isMerged() || frameEnd > 0;
            boolean more = true;
            while (more) {
                more = at == frameEnd ? leaveFrame() : at < end && (isAtFrame() ? enterFrame() : takeRecord(from));
            }
            if (segment.isMerged() && at == end && segment.mergedLast() <= limit) {
                to = segment.mergedLast();
            }
            boolean within = to < frameLast;
            positions.accept(new ReadPosition(
                    segment.number(),
                    to,
                    batchesFrom < 0 ? at : batchesEnd,
                    within ? frameEnd : 0,
                    within ? frameLast : 0));
            boolean hasGaps = sparse && to > from;
            return new RawRecords(content(), from, to, hasGaps ? completeAt : 0, hasGaps ? logTime : 0);
        } finally {
            segment.release();
        }
    }

    private ByteBuffer content() {
        if (batchesFrom < 0) {
            return LittleEndian.allocate(0);
        }
        return window.bytes()
                .slice(window.index(batchesFrom), (int) (batchesEnd - batchesFrom))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    private boolean isAtFrame() throws IOException {
        load(RecordFormat.HEADER_BYTES);
        return !segment.isMerged() && frameEnd == 0 && RecordFrame.isAt(window.bytes(), index());
    }

    /// Reads either a frame that covers something after `from`, or the batches before it.
    private boolean enterFrame() throws IOException {
        if (batchesFrom >= 0) {
            return false;
        }
        load(Math.max(RecordFrame.claimedBytes(window.bytes(), index()), RecordFormat.HEADER_BYTES));
        RecordFrame frame = RecordFrame.read(window.bytes(), index());
        if (frame == null) {
            throw damaged("the span's frame is not intact");
        }
        at += frame.frameBytes();
        if (frame.last() <= to) {
            at += frame.bytes();
        } else {
            frameEnd = at + frame.bytes();
            frameLast = frame.last();
            sparse = true;
        }
        return true;
    }

    private boolean leaveFrame() {
        if (frameLast <= limit) {
            to = frameLast;
        }
        return false;
    }

    /// Adds the current record, if it is after `from`.
    ///
    /// @return whether there may be room for more
    private boolean takeRecord(long from) throws IOException {
        load(RecordFormat.HEADER_BYTES);
        int claimed = RecordFormat.trustedLength(window.bytes(), index());
        long sequence = RecordFormat.sequence(window.bytes(), index());
        boolean wanted = sequence > from;
        boolean full = batchesFrom >= 0 && batchesEnd > batchesFrom && at + claimed - batchesFrom > maxBytes;
        if (wanted && (full || sequence > limit)) {
            return false;
        }
        if (claimed < RecordFormat.HEADER_BYTES || claimed > end - at) {
            throw damaged("a record claims more bytes than the segment has");
        }
        if (wanted) {
            if (batchesFrom < 0) {
                batchesFrom = at;
                batchesEnd = at;
            }
            load(claimed);
            int length = RecordFormat.lengthAt(window.bytes(), index());
            if (length < 0 || !RecordFormat.isIntact(window.bytes(), index(), length)) {
                throw damaged("the record's checksum does not match its bytes");
            }
            if (RecordFormat.endsBatch(window.bytes(), index())) {
                to = sequence;
                batchesEnd = at + length;
            }
        }
        at += claimed;
        return true;
    }

    private int index() {
        return window.index(at);
    }

    /// Loads the next bytes into the window, keeping those of the chunk.
    private void load(int length) throws IOException {
        if (length > end - at) {
            throw damaged("the segment ends within a record");
        }
        long keepFrom = batchesFrom < 0 ? at : batchesFrom;
        boolean seeks = batchesFrom < 0 && start.sequence() != to;
        window.load(at, length, keepFrom, seeks ? SEEK_BYTES : maxBytes);
    }

    private DamagedLogException damaged(String what) {
        DiskFile file = segment.file();
        Path path = file.path();
        return new DamagedLogException(path, at, to + 1, what);
    }
}
