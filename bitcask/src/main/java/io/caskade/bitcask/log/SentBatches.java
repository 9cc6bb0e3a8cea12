package io.caskade.bitcask.log;

import java.nio.ByteBuffer;

/// Judges what another copy has sent for a log, before any of it is written.
final class SentBatches {

    private SentBatches() {}

    /// Checks that bytes are what is left of the records `(from, to]` of a log with these epochs, and
    /// continue one that ends with `end`.
    ///
    /// @param leaders the epochs of the other log up to `to`
    /// @param epochs of the log they are for
    /// @return whether no record is left out
    /// @throws MalformedBatchesException when they do not
    static boolean check(ByteBuffer bytes, long from, long to, EpochHistory leaders, long end, EpochHistory epochs)
            throws MalformedBatchesException {
        if (from != end || to <= from) {
            throw new MalformedBatchesException(
                    "records (" + from + ", " + to + "] do not continue a log that ends with record " + end);
        }
        if (!leaders.upTo(from).equals(epochs) || leaders.within(from + 1, to).isEmpty()) {
            throw new MalformedBatchesException("the log up to record " + from + " was written in epochs "
                    + epochs.starts() + ", not as in " + leaders.starts());
        }
        long sequence = from;
        long records = 0;
        boolean open = false;
        boolean marks = false;
        for (int at = 0; at < bytes.limit(); ) {
            int length = RecordFormat.lengthAt(bytes, at);
            if (length < 0 || !RecordFormat.isIntact(bytes, at, length)) {
                throw new MalformedBatchesException(
                        "what follows record " + sequence + " at offset " + at + " is no intact record");
            }
            long next = RecordFormat.sequence(bytes, at);
            if (next <= sequence || next > to || RecordFormat.epoch(bytes, at) != leaders.epochOf(next)) {
                throw new MalformedBatchesException("record " + next + " of epoch " + RecordFormat.epoch(bytes, at)
                        + " cannot follow record " + sequence + " in (" + from + ", " + to + "]");
            }
            if (RecordFormat.kind(bytes, at) == RecordKind.MARK) {
                marks = true;
                requirePast(bytes, at);
            }
            sequence = next;
            open = !RecordFormat.endsBatch(bytes, at);
            records++;
            at += length;
        }
        boolean dense = records == to - from;
        if (open || (marks && !dense)) {
            throw new MalformedBatchesException("the batches of (" + from + ", " + to + "] are not whole");
        }
        return dense;
    }

    /// A MARK that named what comes behind it would make recovery take all of that for committed.
    private static void requirePast(ByteBuffer bytes, int at) throws MalformedBatchesException {
        long watermark = RecordFormat.markWatermark(bytes, at);
        if (watermark < 0 || watermark >= RecordFormat.sequence(bytes, at)) {
            throw new MalformedBatchesException(
                    "the MARK " + RecordFormat.sequence(bytes, at) + " names record " + watermark);
        }
    }
}
