package io.caskade.bitcask.recovery;

import io.caskade.bitcask.hint.Hint;
import io.caskade.bitcask.record.RecordSink;

/// Receives what recovery keeps, in the order of sequences: single records, or hints for whole segments.
@FunctionalInterface
public interface RecoverySink extends RecordSink {

    /// Announces the approximate number of keys that the hints will add.
    default void expect(long keys) {}

    /// A merged segment follows: all records up to `highWatermark` were committed, and the newest time in a
    /// MARK that was merged away is `time`.
    default void merged(long highWatermark, long time) {}

    /// The records of one segment, all of them committed, as are all before.
    ///
    /// @param segment the number the segment has in locations
    /// @throws IllegalStateException unless overridden; called only when opening with hints
    default void accept(Hint hint, int segment) {
        throw new IllegalStateException("hints were not asked for");
    }
}
