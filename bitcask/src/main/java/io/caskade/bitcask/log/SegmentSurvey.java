package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Reads one segment to its end, whatever is wrong with it: where no record continues the log, it looks for the
/// next one that can.
///
/// A record behind a hole counts if its sequence is one it can have there, greater than those before and no
/// greater than so many records as fit between. If the damaged record's own length leads to such a record,
/// that one is taken; otherwise every offset is tried. A batch of which part is in the hole is left out as a
/// whole, as far as its flags can be read.
final class SegmentSurvey {

    private static final int WINDOW = 1 << 20;

    private final DiskFile file;
    private final Path path;
    private final long size;

    /// Whether sequences may be left out.
    private final boolean gaps;

    /// Where the frame at hand ends, and the last sequence it covers: sequences may be left out within it. No
    /// frame is at hand when that is behind.
    private long spanEnd = -1;

    private long spanLast;

    /// The greatest sequence a record can have, since the next segment begins behind it.
    private final long limit;

    private final SurveySink sink;

    private ByteBuffer window = HintFormat.allocate(0);
    private long windowFrom;

    private long last;
    private int epoch;
    private String wrong = "";

    /// Where the open batch begins, and the last record and its epoch before it.
    private long batchAt;

    private long batchAfter;
    private int batchEpoch;

    /// Where the open batch's records begin; they are shown when it turns out to be whole.
    private final List<Long> batch = new ArrayList<>();

    /// Where the hole at hand begins, or a negative number; with which record, and what was found there.
    private long holeAt = -1;

    private long holeFirst;
    private String holeFound = "";

    /// Whether the records at hand belong to a batch that is not whole.
    private boolean skipsBatch;

    /// A survey of a file whose first record has a sequence greater than `last`, and whose last one at most
    /// `limit`.
    SegmentSurvey(DiskFile file, boolean gaps, long last, int epoch, long limit, SurveySink sink) throws IOException {
        this.file = file;
        this.path = file.path();
        this.size = file.size();
        this.gaps = gaps;
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
            if (batchAt == at && holeAt < 0 && passesFrame(at)) {
                at = batchAt;
                continue;
            }
            int length = continuing(at);
            if (length < 0) {
                at = passHole(at);
                continue;
            }
            last = RecordFormat.sequence(window, index(at));
            epoch = RecordFormat.epoch(window, index(at));
            boolean ends = RecordFormat.endsBatch(window, index(at));
            batch.add(at);
            at += length;
            sink.moved(length);
            if (ends) {
                endBatch(at);
            }
        }
    }

    /// Moves over the frame that begins at an offset, or notices the end of the one at hand.
    private boolean passesFrame(long at) throws IOException {
        if (gaps || at < spanEnd || !load(at, RecordFormat.HEADER_BYTES) || !Span.isAt(window, index(at))) {
            return false;
        }
        int claimed = Span.claimedBytes(window, index(at));
        Span span = claimed > 0 && load(at, claimed) ? Span.read(window, index(at)) : null;
        if (span == null
                || span.first() != last + 1
                || span.last() > limit
                || span.epochs().getFirst().epoch() < epoch) {
            return false;
        }
        spanEnd = at + claimed + span.bytes();
        spanLast = span.last();
        sink.moved(claimed);
        beginBatch(at + claimed);
        leaveFrame(at + claimed);
        return true;
    }

    private void leaveFrame(long at) {
        if (at == spanEnd) {
            last = spanLast;
            batchAfter = last;
        }
    }

    private boolean mayLeaveOut(long at) {
        return gaps || at < spanEnd;
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
            endHole(end, last);
        } else {
            for (long at : batch) {
                lengthAt(at);
                sink.record(window, index(at), path, at);
            }
        }
        beginBatch(end);
        leaveFrame(end);
    }

    /// Finds the next record behind something that is none.
    ///
    /// @return its offset, or the file's end
    private long passHole(long at) throws IOException {
        if (holeAt < 0) {
            holeAt = batchAt;
            holeFirst = batchAfter + 1;
            holeFound = wrong;
        }
        boolean withinBatch = recordAtClaimedEnd(at) > 0 ? saysMoreFollow(at) : batchAt < at;
        long next = recordBehind(at);
        sink.moved((next < 0 ? size : next) - at);
        if (next < 0) {
            last = batchAfter;
            epoch = batchEpoch;
            endHole(size, limit == Long.MAX_VALUE ? 0 : limit);
            beginBatch(size);
            return size;
        }
        lengthAt(next);
        last = RecordFormat.sequence(window, index(next)) - 1;
        skipsBatch |= withinBatch;
        if (!skipsBatch) {
            endHole(next, last);
        }
        beginBatch(next);
        return next;
    }

    private void endHole(long to, long lastMissing) throws IOException {
        sink.hole(new Hole(path, holeAt, to - holeAt, holeFirst, lastMissing, isZero(holeAt, to), holeFound));
        holeAt = -1;
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
        long found = RecordFormat.sequence(window, index(at));
        boolean continues = mayLeaveOut(at) ? found > last : found == last + 1;
        if (!continues || found > limit || RecordFormat.epoch(window, index(at)) < epoch) {
            wrong = "record " + found + " of epoch " + RecordFormat.epoch(window, index(at))
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
        int length = RecordFormat.lengthAt(window, index(at));
        if (length < 0 || !RecordFormat.isIntact(window, index(at), length)) {
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
        int valueLength = RecordFormat.valueLength(window, header);
        boolean makesSense = RecordKind.of(window.get(header + RecordFormat.KIND)) != null
                && valueLength >= 0
                && valueLength <= RecordFormat.MAX_VALUE_BYTES;
        return makesSense ? RecordFormat.trustedLength(window, header) : RecordFormat.INVALID;
    }

    /// Whether a damaged record's header, whose length is to be believed, says that more of its batch follow.
    private boolean saysMoreFollow(long at) throws IOException {
        return load(at, RecordFormat.HEADER_BYTES) && !RecordFormat.endsBatch(window, index(at));
    }

    private long recordAtClaimedEnd(long at) throws IOException {
        if (!load(at, RecordFormat.HEADER_BYTES) || claimedLength(at) < 0) {
            return RecordFormat.INVALID;
        }
        long end = at + claimedLength(at);
        return fits(end, at) ? end : RecordFormat.INVALID;
    }

    /// The offset of the next record that can be in this place, behind one that is none, or a negative number.
    private long recordBehind(long at) throws IOException {
        long found = recordAtClaimedEnd(at);
        for (long candidate = at + 1; found < 0 && candidate <= size - RecordFormat.HEADER_BYTES; candidate++) {
            if (fits(candidate, at)) {
                found = candidate;
            }
        }
        return found;
    }

    private boolean fits(long candidate, long hole) throws IOException {
        if (!load(candidate, RecordFormat.HEADER_BYTES) || claimedLength(candidate) < 0) {
            return false;
        }
        long sequence = RecordFormat.sequence(window, index(candidate));
        long most = last + 1 + (candidate - hole) / RecordFormat.HEADER_BYTES;
        return sequence > last
                && sequence <= limit
                && (mayLeaveOut(candidate) || sequence <= most)
                && RecordFormat.epoch(window, index(candidate)) >= epoch
                && lengthAt(candidate) > 0;
    }

    private boolean isZero(long from, long to) throws IOException {
        for (long at = from; at < to; at++) {
            if (!load(at, 1) || window.get(index(at)) != 0) {
                return false;
            }
        }
        return true;
    }

    private int index(long at) {
        return (int) (at - windowFrom);
    }

    /// Brings bytes of the file into the window.
    ///
    /// @return false when the file is shorter
    private boolean load(long at, int length) throws IOException {
        if (at + length > size) {
            return false;
        }
        if (at >= windowFrom && at + length <= windowFrom + window.limit()) {
            return true;
        }
        int wanted = (int) Math.min(Math.max(WINDOW, length), size - at);
        if (window.capacity() < wanted) {
            window = HintFormat.allocate(wanted);
        }
        window.clear().limit(wanted);
        file.read(window, at);
        window.flip();
        windowFrom = at;
        return length <= window.limit();
    }
}
