package io.caskade.server.simulator;

import org.jspecify.annotations.Nullable;

/// A record of a simulated log.
///
/// @param key empty for a MARK
/// @param value null for a MARK and for a tombstone
/// @param expiresAt Unix milliseconds, 0 for never
/// @param time a MARK's, in Unix milliseconds
/// @param highWatermark what a MARK names as committed
/// @param endsBatch whether the next record is of another batch
record LogEntry(
        long sequence,
        int epoch,
        String key,
        @Nullable String value,
        long expiresAt,
        long time,
        long highWatermark,
        boolean endsBatch) {

    static LogEntry mark(long sequence, int epoch, long time, long highWatermark) {
        return new LogEntry(sequence, epoch, "", null, 0, time, highWatermark, true);
    }

    /// The same record, of a batch it alone is left of.
    LogEntry asBatch() {
        return new LogEntry(sequence, epoch, key, value, expiresAt, time, highWatermark, true);
    }

    /// What is left of it when its value is gone.
    LogEntry asRemoval() {
        return new LogEntry(sequence, epoch, key, null, 0, 0, 0, true);
    }

    boolean isMark() {
        return key.isEmpty();
    }

    /// Whether its value is gone at a time.
    boolean isExpiredAt(long now) {
        return expiresAt != 0 && expiresAt <= now;
    }

    boolean isRemoval() {
        return !isMark() && value == null;
    }
}
