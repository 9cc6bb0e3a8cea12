package io.caskade.bitcask.inspect;

import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.FileWindow;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordFrame;
import io.caskade.bitcask.record.RecordKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Reads one segment to its end, no matter how damaged it is: where no record continues the log, it searches
/// for the next one that can.
///
/// A record after a gap counts if its sequence is possible there: greater than those before, and no greater
/// than the number of records that fit between allows. If the damaged record's own length leads to such a
/// record, that one is taken; otherwise every offset is tried. A batch of which part is in the gap is left out
/// as a whole, as far as its flags can be read.
final class SegmentSalvageScan {

    private static final int READ_AHEAD = 1 << 20;

    private final Path path;
    private final long size;

    /// Whether there may be gaps in the sequences.
    private final boolean sparse;

    /// Where the current frame ends, and the last sequence it covers: sequences may be left out within it.
    /// There is no current frame once the scan has passed it.
    private long frameEnd = -1;

    private long frameLast;

    /// The greatest sequence a record can have, since the next segment begins after it.
    private final long limit;

    private final SalvageSink sink;

    private final FileWindow window;

    private long last;
    private int epoch;
    private String wrong = "";

    /// Where the open batch begins, and the last record and its epoch before it.
    private long batchAt;

    private long batchAfter;
    private int batchEpoch;

    /// Where the open batch's records begin; they are shown when it turns out to be whole.
    private final List<Long> batch = new ArrayList<>();

    /// Where the current gap begins, or a negative number; with which record, and what was found there.
    private long gapAt = -1;

    private long gapFirst;
    private String gapFound = "";

    /// Whether the current records belong to a batch that is not whole.
    private boolean skipsBatch;

    /// A scan of a file whose first record has a sequence greater than `last`, and whose last one at most
    /// `limit`.
    SegmentSalvageScan(DiskFile file, boolean sparse, long last, int epoch, long limit, SalvageSink sink)
            throws IOException {
        this.path = file.path();
        this.size = file.size();
        this.window = new FileWindow(path, size, file::read);
        this.sparse = sparse;
        this.last = last;
        this.epoch = epoch;
        this.limit = limit;
        this.sink = sink;
    }

    /// Reads all records from an offset on.
    void run(long from) throws IOException {
        long at = Math.min(from, size);
        beginBatch(at);
        while (at < size || batchAt < at) {
            if (batchAt == at && gapAt < 0 && skipFrame(at)) {
                at = batchAt;
                continue;
            }
            int length = continuing(at);
            if (length < 0) {
                at = skipGap(at);
                continue;
            }
            last = RecordFormat.sequence(window.bytes(), index(at));
            epoch = RecordFormat.epoch(window.bytes(), index(at));
            boolean ends = RecordFormat.endsBatch(window.bytes(), index(at));
            batch.add(at);
            at += length;
            sink.moved(length);
            if (ends) {
                endBatch(at);
            }
        }
    }

    /// Skips the frame that begins at an offset, or notices the end of the current one.
    private boolean skipFrame(long at) throws IOException {
        if (sparse
                || at < frameEnd
                || !load(at, RecordFormat.HEADER_BYTES)
                || !RecordFrame.isAt(window.bytes(), index(at))) {
            return false;
        }
        int claimed = RecordFrame.claimedBytes(window.bytes(), index(at));
        RecordFrame frame = claimed > 0 && load(at, claimed) ? RecordFrame.read(window.bytes(), index(at)) : null;
        if (frame == null
                || frame.first() != last + 1
                || frame.last() > limit
                || frame.epochs().getFirst().epoch() < epoch) {
            return false;
        }
        frameEnd = at + claimed + frame.bytes();
        frameLast = frame.last();
        sink.moved(claimed);
        beginBatch(at + claimed);
        leaveFrame(at + claimed);
        return true;
    }

    private void leaveFrame(long at) {
        if (at == frameEnd) {
            last = frameLast;
            batchAfter = last;
        }
    }

    private boolean mayBeSparse(long at) {
        return sparse || at < frameEnd;
    }

    private void beginBatch(long at) {
        batch.clear();
        batchAt = at;
        batchAfter = last;
        batchEpoch = epoch;
    }

    private void endBatch(long end) throws IOException {
        if (skipsBatch) {
            skipsBatch = false;
            endGap(end, last);
        } else {
            for (long at : batch) {
                lengthAt(at);
                sink.record(window.bytes(), index(at), path, at);
            }
        }
        beginBatch(end);
        leaveFrame(end);
    }

    /// Finds the next record after bytes that are not one.
    ///
    /// @return its offset, or the file's end
    private long skipGap(long at) throws IOException {
        if (gapAt < 0) {
            gapAt = batchAt;
            gapFirst = batchAfter + 1;
            gapFound = wrong;
        }
        boolean withinBatch = recordAtClaimedEnd(at) > 0 ? saysMoreFollow(at) : batchAt < at;
        long next = recordBehind(at);
        sink.moved((next < 0 ? size : next) - at);
        if (next < 0) {
            last = batchAfter;
            epoch = batchEpoch;
            endGap(size, limit == Long.MAX_VALUE ? 0 : limit);
            beginBatch(size);
            return size;
        }
        lengthAt(next);
        last = RecordFormat.sequence(window.bytes(), index(next)) - 1;
        skipsBatch |= withinBatch;
        if (!skipsBatch) {
            endGap(next, last);
        }
        beginBatch(next);
        return next;
    }

    private void endGap(long to, long lastMissing) throws IOException {
        sink.gap(new Gap(path, gapAt, to - gapAt, gapFirst, lastMissing, isZero(gapAt, to), gapFound));
        gapAt = -1;
        skipsBatch = false;
    }

    /// The sequence of the last record that was found whole.
    long last() {
        return last;
    }

    int epoch() {
        return epoch;
    }

    /// The length of the record at an offset if it continues the log, or a negative number.
    private int continuing(long at) throws IOException {
        int length = lengthAt(at);
        if (length < 0) {
            return length;
        }
        long found = RecordFormat.sequence(window.bytes(), index(at));
        boolean continues = mayBeSparse(at) ? found > last : found == last + 1;
        if (!continues || found > limit || RecordFormat.epoch(window.bytes(), index(at)) < epoch) {
            wrong = "record " + found + " of epoch " + RecordFormat.epoch(window.bytes(), index(at))
                    + " does not continue the log";
            return RecordFormat.INVALID;
        }
        return length;
    }

    /// The length of the whole, intact record at an offset, which is then in the window, or a negative number.
    private int lengthAt(long at) throws IOException {
        if (at == size) {
            return wrong("the file ends within a batch");
        }
        if (!load(at, RecordFormat.HEADER_BYTES)) {
            return wrong("the file ends within a record's header");
        }
        int claimed = claimedLength(at);
        if (claimed < 0) {
            return wrong("these bytes are not a record's header");
        }
        if (!load(at, claimed)) {
            return wrong("a record claims more bytes than the file has");
        }
        int length = RecordFormat.lengthAt(window.bytes(), index(at));
        if (length < 0 || !RecordFormat.isIntact(window.bytes(), index(at), length)) {
            return wrong("the record's checksum does not match its bytes");
        }
        return length;
    }

    private int wrong(String what) {
        wrong = what;
        return RecordFormat.INVALID;
    }

    /// What a header in the window says of its record's length; negative when it makes no sense.
    private int claimedLength(long at) {
        int header = index(at);
        int valueLength = RecordFormat.valueLength(window.bytes(), header);
        boolean makesSense = RecordKind.of(window.bytes().get(header + RecordFormat.KIND)) != null
                && valueLength >= 0
                && valueLength <= RecordFormat.MAX_VALUE_BYTES;
        return makesSense ? RecordFormat.trustedLength(window.bytes(), header) : RecordFormat.INVALID;
    }

    /// Whether a damaged record's header, whose length is to be believed, says that more of its batch follow.
    private boolean saysMoreFollow(long at) throws IOException {
        return load(at, RecordFormat.HEADER_BYTES) && !RecordFormat.endsBatch(window.bytes(), index(at));
    }

    private long recordAtClaimedEnd(long at) throws IOException {
        if (!load(at, RecordFormat.HEADER_BYTES) || claimedLength(at) < 0) {
            return RecordFormat.INVALID;
        }
        long end = at + claimedLength(at);
        return fits(end, at) ? end : RecordFormat.INVALID;
    }

    /// The offset of the next possible record after bytes that are not one, or a negative number.
    private long recordBehind(long at) throws IOException {
        long found = recordAtClaimedEnd(at);
        for (long candidate = at + 1; found < 0 && candidate <= size - RecordFormat.HEADER_BYTES; candidate++) {
            if (fits(candidate, at)) {
                found = candidate;
            }
        }
        return found;
    }

    private boolean fits(long candidate, long gap) throws IOException {
        if (!load(candidate, RecordFormat.HEADER_BYTES) || claimedLength(candidate) < 0) {
            return false;
        }
        long sequence = RecordFormat.sequence(window.bytes(), index(candidate));
        long most = last + 1 + (candidate - gap) / RecordFormat.HEADER_BYTES;
        return sequence > last
                && sequence <= limit
                && (mayBeSparse(candidate) || sequence <= most)
                && RecordFormat.epoch(window.bytes(), index(candidate)) >= epoch
                && lengthAt(candidate) > 0;
    }

    private boolean isZero(long from, long to) throws IOException {
        for (long at = from; at < to; at++) {
            if (!load(at, 1) || window.bytes().get(index(at)) != 0) {
                return false;
            }
        }
        return true;
    }

    private int index(long at) {
        return window.index(at);
    }

    private boolean load(long at, int length) throws IOException {
        return window.load(at, length, at, READ_AHEAD);
    }
}
