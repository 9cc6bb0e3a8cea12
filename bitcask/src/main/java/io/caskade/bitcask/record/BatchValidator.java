package io.caskade.bitcask.record;

import java.nio.ByteBuffer;

/// Checks that appended batches continue the log: dense sequences, epochs that never decrease, whole batches.
public final class BatchValidator {

    private BatchValidator() {}

    /// Checks that batches continue a log that ends with a record.
    ///
    /// @return the epochs of the log with the batches
    /// @throws IllegalArgumentException when they do not
    public static EpochHistory check(ByteBuffer bytes, long end, EpochHistory epochs) {
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
}
