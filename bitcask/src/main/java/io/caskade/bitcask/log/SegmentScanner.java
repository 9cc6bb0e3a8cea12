package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// Reads a segment batch by batch from behind its header and stops at the first byte that does not continue
/// the log.
///
/// The window holds at least the batch at hand and grows with the largest.
final class SegmentScanner {

    private static final int FIRST_WINDOW = 1 << 20;

    private final DiskFile file;
    private final long size;

    /// Whether sequences may be left out.
    private final boolean gaps;

    private ByteBuffer window;

    /// Offsets in the file: of the window's first byte, and of the batch at hand.
    private long windowFrom;

    private long batchFrom;
    private long batchTo;

    private long lastSequence;
    private int lastEpoch;
    private String stoppedBy = "";

    /// The frame of the batch at hand, if it has one, and where its records begin.
    private @Nullable Span span;

    private long recordsFrom;

    /// A scanner that expects the record after `lastSequence`, of an epoch not smaller than `lastEpoch`.
    SegmentScanner(DiskFile file, long lastSequence, int lastEpoch) throws IOException {
        this(file, SegmentFormat.HEADER_BYTES, lastSequence, lastEpoch, false);
    }

    /// A scanner of a segment on its own.
    static SegmentScanner of(Segment segment) throws IOException {
        return new SegmentScanner(
                segment.file(), segment.headerBytes(), segment.baseSequence() - 1, 0, segment.isMerged());
    }

    private SegmentScanner(DiskFile file, long from, long lastSequence, int lastEpoch, boolean gaps)
            throws IOException {
        this.file = file;
        this.windowFrom = from;
        this.batchFrom = from;
        this.batchTo = from;
        this.gaps = gaps;
        this.size = file.size();
        this.window = ByteBuffer.allocate((int) Math.min(FIRST_WINDOW, size))
                .order(ByteOrder.LITTLE_ENDIAN)
                .limit(0);
        this.lastSequence = lastSequence;
        this.lastEpoch = lastEpoch;
    }

    /// Moves to the next whole batch.
    ///
    /// @return false when the file ends, or something other than a whole batch that continues the log follows
    boolean next() throws IOException {
        batchFrom = batchTo;
        recordsFrom = batchFrom;
        span = null;
        if (!gaps && load(batchFrom, RecordFormat.HEADER_BYTES) && Span.isAt(window, (int) (batchFrom - windowFrom))) {
            return nextSpan();
        }
        long at = batchFrom;
        long sequence = lastSequence;
        int epoch = lastEpoch;
        boolean open = true;
        while (open) {
            int length = recordAt(at, sequence, epoch, gaps);
            if (length < 0) {
                return false;
            }
            int index = (int) (at - windowFrom);
            sequence = RecordFormat.sequence(window, index);
            epoch = RecordFormat.epoch(window, index);
            open = !RecordFormat.endsBatch(window, index);
            at += length;
        }
        batchTo = at;
        lastSequence = sequence;
        lastEpoch = epoch;
        return true;
    }

    /// Moves over a frame and the records in it.
    private boolean nextSpan() throws IOException {
        int claimed = Span.claimedBytes(window, (int) (batchFrom - windowFrom));
        if (claimed < 0 || !load(batchFrom, claimed)) {
            stop("a span's frame makes no sense or is cut short");
            return false;
        }
        Span read = Span.read(window, (int) (batchFrom - windowFrom));
        if (read == null) {
            stop("a span's checksum does not match its frame");
            return false;
        }
        if (read.first() != lastSequence + 1 || read.epochs().getFirst().epoch() < lastEpoch) {
            stop("the span from record " + read.first() + " on does not continue the log");
            return false;
        }
        long to = batchFrom + claimed + read.bytes();
        if (to > size) {
            stop("a span claims more bytes than the file has");
            return false;
        }
        long sequence = lastSequence;
        int epoch = lastEpoch;
        for (long at = batchFrom + claimed; at < to; ) {
            int length = recordAt(at, sequence, epoch, true);
            if (length < 0) {
                return false;
            }
            int index = (int) (at - windowFrom);
            sequence = RecordFormat.sequence(window, index);
            epoch = RecordFormat.epoch(window, index);
            at += length;
            if (at > to || sequence > read.last() || epoch > read.lastEpoch()) {
                stop("record " + sequence + " of epoch " + epoch + " is beyond its span");
                return false;
            }
        }
        span = read;
        recordsFrom = batchFrom + claimed;
        batchTo = to;
        lastSequence = read.last();
        lastEpoch = read.lastEpoch();
        return true;
    }

    /// The frame of the batch at hand; null when it has none.
    @Nullable
    Span span() {
        return span;
    }

    /// The checksum that the frame at hand claims.
    int frameCrc() {
        return window.getInt((int) (batchFrom - windowFrom) + RecordFormat.CRC);
    }

    /// Where the batch at hand begins, an offset in the file.
    long batchFrom() {
        return batchFrom;
    }

    /// The length of the whole, intact record at a file offset that continues the log, or a negative number.
    private int recordAt(long at, long sequence, int epoch, boolean mayLeaveOut) throws IOException {
        if (at == size) {
            return stop(at == batchFrom ? "" : "the file ends within a batch");
        }
        if (!load(at, RecordFormat.HEADER_BYTES)) {
            return stop("the file ends within a record's header");
        }
        int claimed = RecordFormat.trustedLength(window, (int) (at - windowFrom));
        if (claimed < RecordFormat.HEADER_BYTES || !load(at, claimed)) {
            return stop("a record claims more bytes than the file has");
        }
        int index = (int) (at - windowFrom);
        int length = RecordFormat.lengthAt(window, index);
        if (length < 0) {
            return stop("these bytes are not a record's header");
        }
        if (!RecordFormat.isIntact(window, index, length)) {
            return stop("the record's checksum does not match its bytes");
        }
        long found = RecordFormat.sequence(window, index);
        boolean continues = mayLeaveOut ? found > sequence : found == sequence + 1;
        if (!continues || RecordFormat.epoch(window, index) < epoch) {
            return stop("record " + RecordFormat.sequence(window, index) + " of epoch "
                    + RecordFormat.epoch(window, index) + " does not continue the log");
        }
        return length;
    }

    private int stop(String why) {
        stoppedBy = why;
        return RecordFormat.INVALID;
    }

    /// Brings the bytes `[at, at + length)` of the file into the window, keeping the batch at hand.
    ///
    /// @return false when the file is shorter
    private boolean load(long at, int length) throws IOException {
        if (at + length > size) {
            return false;
        }
        if (at + length <= windowFrom + window.limit()) {
            return true;
        }
        window.position((int) (batchFrom - windowFrom));
        long needed = at + length - batchFrom;
        ByteBuffer target = needed > window.capacity() ? larger(needed) : window.compact();
        windowFrom = batchFrom;
        file.read(target, windowFrom + target.position());
        window = target.flip();
        return at + length <= windowFrom + window.limit();
    }

    private ByteBuffer larger(long needed) throws IOException {
        long capacity = Math.min(Math.max(needed, window.capacity() * 2L), Integer.MAX_VALUE - 8L);
        if (capacity < needed) {
            throw new IOException(file.path() + ": a batch of more than " + capacity + " bytes");
        }
        return ByteBuffer.allocate((int) capacity)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(window);
    }

    /// Shows the batch at hand, record for record, without its frame.
    void show(int segment, RecordSink sink) {
        int to = (int) (batchTo - windowFrom);
        int length;
        for (int at = (int) (recordsFrom - windowFrom); at < to; at += length) {
            length = RecordFormat.trustedLength(window, at);
            sink.accept(window, at, Location.of(segment, windowFrom + at, length));
        }
    }

    /// Requires that the scan has come to the end of a segment that ends with record `last`.
    void requireWhole(Segment segment, long last) throws DamagedLogException {
        boolean ends = segment.isMerged() ? lastSequence <= last : lastSequence == last;
        if (batchTo != segment.end() || !ends || !stoppedBy.isEmpty()) {
            throw new DamagedLogException(
                    file.path(), batchTo, lastSequence + 1, stoppedBy.isEmpty() ? "the segment ends here" : stoppedBy);
        }
    }

    /// Whether the file has nothing but zeros behind the last whole batch.
    boolean onlyZerosFollow() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(FIRST_WINDOW, size - batchTo));
        for (long at = batchTo; at < size; at += bytes.limit()) {
            file.read(bytes.clear(), at);
            bytes.flip();
            for (int i = 0; i < bytes.limit(); i++) {
                if (bytes.get(i) != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /// How long the batch at hand is.
    long batchBytes() {
        return batchTo - batchFrom;
    }

    /// Where the last whole batch ends, an offset in the file.
    long end() {
        return batchTo;
    }

    /// The sequence of the last record of the last whole batch.
    long lastSequence() {
        return lastSequence;
    }

    /// The epoch of that record.
    int lastEpoch() {
        return lastEpoch;
    }

    /// What ended the scan: empty when the file ends with a whole batch.
    String stoppedBy() {
        return stoppedBy;
    }
}
