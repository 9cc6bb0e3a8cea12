package io.caskade.server.replica;

import io.caskade.bitcask.record.EpochHistory;

/// What recovery found of a copy on disk.
///
/// @param epochs the log's epoch history
/// @param logEnd the last record
/// @param durableEnd the last record that survives a power failure
/// @param highWatermark a sequence up to which everything is committed
/// @param purgeHorizon its purge horizon
/// @param completeAt the sequence it must reach to hold every key, 0 when it does; see [Message.AppendRecords]
/// @param logTime the newest time in a committed MARK
public record RecoveredCopy(
        EpochHistory epochs,
        long logEnd,
        long durableEnd,
        long highWatermark,
        long purgeHorizon,
        long completeAt,
        long logTime) {

    /// A copy without a record.
    public static final RecoveredCopy EMPTY = builder().build();

    /// Starts from an empty copy.
    public static Builder builder() {
        return new Builder();
    }

    /// Builds it, field by field.
    public static final class Builder {

        private static final long AS_LOG_END = -1;

        private EpochHistory epochs = EpochHistory.EMPTY;
        private long logEnd;
        private long durableEnd = AS_LOG_END;
        private long highWatermark;
        private long purgeHorizon;
        private long completeAt;
        private long logTime;

        private Builder() {}

        /// See [RecoveredCopy#epochs], as for the others.
        public Builder epochs(EpochHistory value) {
            epochs = value;
            return this;
        }

        /// Sets [RecoveredCopy#logEnd].
        public Builder logEnd(long value) {
            logEnd = value;
            return this;
        }

        /// Sets [RecoveredCopy#durableEnd], by default the log end.
        public Builder durableEnd(long value) {
            durableEnd = value;
            return this;
        }

        /// Sets [RecoveredCopy#highWatermark].
        public Builder highWatermark(long value) {
            highWatermark = value;
            return this;
        }

        /// Sets [RecoveredCopy#purgeHorizon].
        public Builder purgeHorizon(long value) {
            purgeHorizon = value;
            return this;
        }

        /// Sets [RecoveredCopy#completeAt].
        public Builder completeAt(long value) {
            completeAt = value;
            return this;
        }

        /// Sets [RecoveredCopy#logTime].
        public Builder logTime(long value) {
            logTime = value;
            return this;
        }

        /// Builds the copy.
        public RecoveredCopy build() {
            long durable = durableEnd == AS_LOG_END ? logEnd : durableEnd;
            return new RecoveredCopy(epochs, logEnd, durable, highWatermark, purgeHorizon, completeAt, logTime);
        }
    }
}
