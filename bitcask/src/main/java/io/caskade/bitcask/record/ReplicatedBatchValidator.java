package io.caskade.bitcask.record;

import java.nio.ByteBuffer;

/// Validates batches that another copy sent, before any of them is written.
public final class ReplicatedBatchValidator {

    private ReplicatedBatchValidator() {}

    /// Checks that bytes are the remaining records of `(from, to]` of a log with these epochs, and continue a
    /// log that ends with `end`.
    ///
    /// @param leaderEpochs the epochs of the other log up to `to`
    /// @param epochs of the log they are for
    /// @return whether no record is missing
    /// @throws MalformedBatchesException when they do not
    public static boolean check(
            ByteBuffer bytes, long from, long to, EpochHistory leaderEpochs, long end, EpochHistory epochs)
            throws MalformedBatchesException {
        if (from != end || to <= from) {
            throw new MalformedBatchesException(
                    "records (" + from + ", " + to + "] do not continue a log that ends with record " + end);
        }
        if (!leaderEpochs.upTo(from).equals(epochs)
                || leaderEpochs.within(from + 1, to).isEmpty()) {
            throw new MalformedBatchesException("the log up to record " + from + " was written in epochs "
                    + epochs.starts() + ", not as in " + leaderEpochs.starts());
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
            if (next <= sequence || next > to || RecordFormat.epoch(bytes, at) != leaderEpochs.epochOf(next)) {
                throw new MalformedBatchesException("record " + next + " of epoch " + RecordFormat.epoch(bytes, at)
                        + " cannot follow record " + sequence + " in (" + from + ", " + to + "]");
            }
            if (RecordFormat.kind(bytes, at) == RecordKind.MARK) {
                marks = true;
                requireEarlierHighWatermark(bytes, at);
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

    /// A MARK that named a later record would make recovery treat everything up to it as committed.
    private static void requireEarlierHighWatermark(ByteBuffer bytes, int at) throws MalformedBatchesException {
        long highWatermark = RecordFormat.markHighWatermark(bytes, at);
        if (highWatermark < 0 || highWatermark >= RecordFormat.sequence(bytes, at)) {
            throw new MalformedBatchesException(
                    "the MARK " + RecordFormat.sequence(bytes, at) + " names record " + highWatermark);
        }
    }
}
