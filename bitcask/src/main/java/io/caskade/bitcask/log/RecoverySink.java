package io.caskade.bitcask.log;

/// Is shown what recovery keeps, in the order of sequences: record by record, or by hints that stand for whole
/// segments.
@FunctionalInterface
public interface RecoverySink extends RecordSink {

    /// About so many keys will be shown by hints.
    default void expect(long keys) {}

    /// A merged segment follows: all records up to `watermark` were committed, and the newest time in a MARK
    /// that was merged away is `time`.
    default void merged(long watermark, long time) {}

    /// The records of one segment, all of them committed, as are all before.
    ///
    /// @param segment the number the segment has in locations
    /// @throws IllegalStateException when this is not overridden, which those need not who open without hints
    default void accept(Hint hint, int segment) {
        throw new IllegalStateException("hints were not asked for");
    }
}
