package io.caskade.bitcask.log;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Sequences are dense, epochs never shrink, and batches are whole.
final class Continuity {

    private Continuity() {}

    /// Checks that batches continue a log that ends with a record.
    ///
    /// @return the epochs of the log with the batches
    /// @throws IllegalArgumentException when they do not
    static EpochHistory check(ByteBuffer bytes, long end, EpochHistory epochs) {
        long sequence = end;
        EpochHistory history = epochs;
        boolean open = false;
        for (int at = 0; at < bytes.limit(); at += RecordFormat.trustedLength(bytes, at)) {
            int epoch = RecordFormat.epoch(bytes, at);
            if (RecordFormat.sequence(bytes, at) != sequence + 1 || epoch < history.latest()) {
                throw new IllegalArgumentException("record " + RecordFormat.sequence(bytes, at) + " of epoch " + epoch
                        + " does not continue a log that ends with record " + sequence + " of epoch "
                        + history.latest());
            }
            sequence++;
            history = history.with(epoch, sequence);
            open = !RecordFormat.endsBatch(bytes, at);
        }
        if (open) {
            throw new IllegalArgumentException("the batch that ends with record " + sequence + " is not whole");
        }
        return history;
    }

    /// Where in its segment a record ends.
    ///
    /// @throws IllegalArgumentException when it does not end a batch
    static long endOf(Segment segment, long last) throws IOException {
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
