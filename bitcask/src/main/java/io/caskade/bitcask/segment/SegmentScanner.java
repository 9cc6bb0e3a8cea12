package io.caskade.bitcask.segment;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.FileWindow;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordFrame;
import io.caskade.bitcask.record.RecordSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Reads a segment batch by batch, from the end of its header to the first byte that does not continue the log.
public final class SegmentScanner {

    private static final int READ_AHEAD = 1 << 20;

    private final DiskFile file;
    private final long size;

    /// Whether there may be gaps in the sequences.
    private final boolean sparse;

    /// Holds at least the current batch.
    private final FileWindow window;

    /// The offsets in the file of the current batch.
    private long batchFrom;

    private long batchTo;

    private long lastSequence;
    private int lastEpoch;
    private String stoppedBy = "";

    /// The frame of the current batch, if it has one, and where its records begin.
    private @Nullable RecordFrame frame;

    private long recordsFrom;

    /// A scanner that expects the record after `lastSequence`, of an epoch not smaller than `lastEpoch`.
    public SegmentScanner(DiskFile file, long lastSequence, int lastEpoch) throws IOException {
        this(file, SegmentFormat.HEADER_BYTES, lastSequence, lastEpoch, false);
    }

    /// A scanner of a segment on its own.
    public static SegmentScanner of(Segment segment) throws IOException {
        return new SegmentScanner(
                segment.file(), segment.headerBytes(), segment.baseSequence() - 1, 0, segment.isMerged());
    }

    private SegmentScanner(DiskFile file, long from, long lastSequence, int lastEpoch, boolean sparse)
            throws IOException {
        this.file = file;
        this.batchFrom = from;
        this.batchTo = from;
        this.sparse = sparse;
        this.size = file.size();
        this.window = new FileWindow(file.path(), size, file::read);
        this.lastSequence = lastSequence;
        this.lastEpoch = lastEpoch;
    }

    /// Moves to the next whole batch.
    ///
    /// @return false when the file ends, or something other than a whole batch that continues the log follows
    public boolean next() throws IOException {
        batchFrom = batchTo;
        recordsFrom = batchFrom;
        frame = null;
        if (!sparse
                && load(batchFrom, RecordFormat.HEADER_BYTES)
                && RecordFrame.isAt(window.bytes(), window.index(batchFrom))) {
            return nextFrame();
        }
        long at = batchFrom;
        long sequence = lastSequence;
        int epoch = lastEpoch;
        boolean open = true;
        while (open) {
            int length = recordAt(at, sequence, epoch, sparse);
            if (length < 0) {
                return false;
            }
            int index = window.index(at);
            sequence = RecordFormat.sequence(window.bytes(), index);
            epoch = RecordFormat.epoch(window.bytes(), index);
            open = !RecordFormat.endsBatch(window.bytes(), index);
            at += length;
        }
        batchTo = at;
        lastSequence = sequence;
        lastEpoch = epoch;
        return true;
    }

    /// Skips a frame and its records.
    private boolean nextFrame() throws IOException {
        int claimed = RecordFrame.claimedBytes(window.bytes(), window.index(batchFrom));
        if (claimed < 0 || !load(batchFrom, claimed)) {
            stop("a span's frame makes no sense or is cut short");
            return false;
        }
        RecordFrame read = RecordFrame.read(window.bytes(), window.index(batchFrom));
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
            int index = window.index(at);
            sequence = RecordFormat.sequence(window.bytes(), index);
            epoch = RecordFormat.epoch(window.bytes(), index);
            at += length;
            if (at > to || sequence > read.last() || epoch > read.lastEpoch()) {
                stop("record " + sequence + " of epoch " + epoch + " is beyond its span");
                return false;
            }
        }
        frame = read;
        recordsFrom = batchFrom + claimed;
        batchTo = to;
        lastSequence = read.last();
        lastEpoch = read.lastEpoch();
        return true;
    }

    /// The frame of the current batch; null when it has none.
    @Nullable
    public RecordFrame frame() {
        return frame;
    }

    /// The checksum that the current frame claims.
    public int frameCrc() {
        return window.bytes().getInt(window.index(batchFrom) + RecordFormat.CRC);
    }

    /// Where the current batch begins, an offset in the file.
    public long batchFrom() {
        return batchFrom;
    }

    /// The length of the whole, intact record at a file offset that continues the log, or a negative number.
    private int recordAt(long at, long sequence, int epoch, boolean mayBeSparse) throws IOException {
        if (at == size) {
            return stop(at == batchFrom ? "" : "the file ends within a batch");
        }
        if (!load(at, RecordFormat.HEADER_BYTES)) {
            return stop("the file ends within a record's header");
        }
        int claimed = RecordFormat.trustedLength(window.bytes(), window.index(at));
        if (claimed < RecordFormat.HEADER_BYTES || !load(at, claimed)) {
            return stop("a record claims more bytes than the file has");
        }
        int index = window.index(at);
        int length = RecordFormat.lengthAt(window.bytes(), index);
        if (length < 0) {
            return stop("these bytes are not a record's header");
        }
        if (!RecordFormat.isIntact(window.bytes(), index, length)) {
            return stop("the record's checksum does not match its bytes");
        }
        long found = RecordFormat.sequence(window.bytes(), index);
        boolean continues = mayBeSparse ? found > sequence : found == sequence + 1;
        if (!continues || RecordFormat.epoch(window.bytes(), index) < epoch) {
            return stop("record " + RecordFormat.sequence(window.bytes(), index) + " of epoch "
                    + RecordFormat.epoch(window.bytes(), index) + " does not continue the log");
        }
        return length;
    }

    private int stop(String why) {
        stoppedBy = why;
        return RecordFormat.INVALID;
    }

    private boolean load(long at, int length) throws IOException {
        return window.load(at, length, batchFrom, READ_AHEAD);
    }

    /// Passes the current batch to a sink, record by record, without its frame.
    public void show(int segment, RecordSink sink) {
        int to = window.index(batchTo);
        int length;
        for (int at = window.index(recordsFrom); at < to; at += length) {
            length = RecordFormat.trustedLength(window.bytes(), at);
            sink.accept(window.bytes(), at, Location.of(segment, window.offset(at), length));
        }
    }

    /// Checks that the scan has reached the end of a segment that ends with record `last`.
    public void requireWhole(Segment segment, long last) throws DamagedLogException {
        boolean ends = segment.isMerged() ? lastSequence <= last : lastSequence == last;
        if (batchTo != segment.end() || !ends || !stoppedBy.isEmpty()) {
            throw new DamagedLogException(
                    file.path(), batchTo, lastSequence + 1, stoppedBy.isEmpty() ? "the segment ends here" : stoppedBy);
        }
    }

    /// Whether the file has nothing but zeros after the last whole batch.
    public boolean onlyZerosFollow() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(READ_AHEAD, size - batchTo));
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

    /// How long the current batch is.
    public long batchBytes() {
        return batchTo - batchFrom;
    }

    /// Where the last whole batch ends, an offset in the file.
    public long end() {
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
    public String stoppedBy() {
        return stoppedBy;
    }

    /// Where in its segment a record ends.
    ///
    /// @throws IllegalArgumentException when it does not end a batch
    public static long endOf(Segment segment, long last) throws IOException {
        if (segment.isMerged() && segment.mergedLast() == last) {
            return segment.end();
        }
        SegmentScanner scanner = new SegmentScanner(segment.file(), segment.baseSequence() - 1, 0);
        while (scanner.lastSequence() < last) {
            if (!scanner.next()) {
                throw new DamagedLogException(
                        segment.file().path(), scanner.end(), scanner.lastSequence() + 1, scanner.stoppedBy());
            }
        }
        if (scanner.lastSequence() != last) {
            throw new IllegalArgumentException("record " + last + " does not end a batch of "
                    + segment.file().path());
        }
        return scanner.end();
    }
}
