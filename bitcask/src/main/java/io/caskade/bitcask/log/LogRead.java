package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.function.Consumer;

/// One reading of raw batches, for another copy: asked for by the log's writer ([Log#beginRead]), run once on
/// any thread. A merge that takes the segment away meanwhile does no harm; after a truncation what comes of
/// it, whether batches or an exception, means nothing.
///
/// Bytes are copied once, out of the segment's memory map, and every checksum is verified: damage is not
/// spread.
public final class LogRead {

    /// Where in a segment the record behind a sequence is.
    ///
    /// @param spanEnd where the frame it is in ends; 0 when it is in none
    /// @param spanLast the last sequence that the frame covers; 0 when it is in none
    record Place(int segment, long sequence, long offset, long spanEnd, long spanLast) {}

    private static final int SEEK_BYTES = 256 << 10;

    private final Segment segment;
    private final Place start;
    private final int mostBytes;
    private final long limit;
    private final long end;
    private final long wholeFrom;
    private final boolean ofNewest;
    private final Consumer<Place> places;

    private ByteBuffer window = HintFormat.allocate(0);
    private long windowFrom;

    private long at;
    private long spanEnd;
    private long spanLast;
    private boolean gaps;

    /// The last sequence covered so far, and the batches up to it; -1 for none.
    private long to;

    private long chunkFrom = -1;
    private long chunkEnd;

    LogRead(
            Segment segment,
            Place start,
            long from,
            int mostBytes,
            long limit,
            long wholeFrom,
            boolean ofNewest,
            Consumer<Place> places) {
        this.segment = segment;
        this.start = start;
        this.mostBytes = mostBytes;
        this.limit = limit;
        this.end = segment.end();
        this.wholeFrom = wholeFrom;
        this.ofNewest = ofNewest;
        this.places = places;
        this.to = from;
        segment.hold();
    }

    /// Whether what is read was most likely written a moment ago, and is in memory.
    public boolean isOfNewest() {
        return ofNewest;
    }

    /// Reads the batches. Blocks on the disk when they are not in memory.
    ///
    /// @throws DamagedLogException when the segment's bytes are not what was written
    /// @throws IOException when the disk fails
    public RawRecords run() throws IOException {
        long from = to;
        try {
            at = start.offset();
            spanEnd = start.spanEnd();
            spanLast = start.spanLast();
            gaps = segment.isMerged() || spanEnd > 0;
            boolean more = true;
            while (more) {
                more = at == spanEnd ? leaveSpan() : at < end && (isAtSpan() ? enterSpan() : takeRecord(from));
            }
            if (segment.isMerged() && at == end && segment.mergedLast() <= limit) {
                to = segment.mergedLast();
            }
            boolean within = to < spanLast;
            places.accept(new Place(
                    segment.number(), to, chunkFrom < 0 ? at : chunkEnd, within ? spanEnd : 0, within ? spanLast : 0));
            return new RawRecords(content(), from, to, gaps && to > from ? wholeFrom : 0);
        } finally {
            segment.release();
        }
    }

    private ByteBuffer content() {
        if (chunkFrom < 0) {
            return HintFormat.allocate(0);
        }
        return window.slice((int) (chunkFrom - windowFrom), (int) (chunkEnd - chunkFrom))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    private boolean isAtSpan() throws IOException {
        load(RecordFormat.HEADER_BYTES);
        return !segment.isMerged() && spanEnd == 0 && Span.isAt(window, index());
    }

    /// A frame that covers something behind `from` is what is read; batches before it are read by themselves.
    private boolean enterSpan() throws IOException {
        if (chunkFrom >= 0) {
            return false;
        }
        load(Math.max(Span.claimedBytes(window, index()), RecordFormat.HEADER_BYTES));
        Span span = Span.read(window, index());
        if (span == null) {
            throw damaged("the span's frame is not intact");
        }
        at += span.frameBytes();
        if (span.last() <= to) {
            at += span.bytes();
        } else {
            spanEnd = at + span.bytes();
            spanLast = span.last();
            gaps = true;
        }
        return true;
    }

    private boolean leaveSpan() {
        if (spanLast <= limit) {
            to = spanLast;
        }
        return false;
    }

    /// Takes the record at hand in, if it is behind `from`.
    ///
    /// @return whether there may be room for more
    private boolean takeRecord(long from) throws IOException {
        load(RecordFormat.HEADER_BYTES);
        int claimed = RecordFormat.trustedLength(window, index());
        long sequence = RecordFormat.sequence(window, index());
        boolean wanted = sequence > from;
        boolean full = chunkFrom >= 0 && chunkEnd > chunkFrom && at + claimed - chunkFrom > mostBytes;
        if (wanted && (full || sequence > limit)) {
            return false;
        }
        if (claimed < RecordFormat.HEADER_BYTES || claimed > end - at) {
            throw damaged("a record claims more bytes than the segment has");
        }
        if (wanted) {
            if (chunkFrom < 0) {
                chunkFrom = at;
                chunkEnd = at;
            }
            load(claimed);
            int length = RecordFormat.lengthAt(window, index());
            if (length < 0 || !RecordFormat.isIntact(window, index(), length)) {
                throw damaged("the record's checksum does not match its bytes");
            }
            if (RecordFormat.endsBatch(window, index())) {
                to = sequence;
                chunkEnd = at + length;
            }
        }
        at += claimed;
        return true;
    }

    private int index() {
        return (int) (at - windowFrom);
    }

    /// Brings the next bytes into the window, keeping those of the chunk.
    private void load(int length) throws IOException {
        if (length > end - at) {
            throw damaged("the segment ends within a record");
        }
        if (at >= windowFrom && at + length <= windowFrom + window.limit()) {
            return;
        }
        long keep = chunkFrom < 0 ? at : chunkFrom;
        long ahead = chunkFrom < 0 && start.sequence() != to ? SEEK_BYTES : mostBytes;
        long wanted = Math.max(at + length - keep, ahead);
        window = segment.bytes(keep, Math.toIntExact(Math.min(wanted, end - keep)));
        windowFrom = keep;
    }

    private DamagedLogException damaged(String what) {
        DiskFile file = segment.file();
        Path path = file.path();
        return new DamagedLogException(path, at, to + 1, what);
    }
}
