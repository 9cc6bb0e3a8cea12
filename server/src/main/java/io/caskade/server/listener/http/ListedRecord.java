package io.caskade.server.listener.http;

import io.caskade.server.command.CommandHandler.FoundRecord;
import org.jspecify.annotations.Nullable;

/// A record as it is shown. The arrays are shared and must not be changed.
///
/// @param value null when only keys were asked for
/// @param ttlMillis the remaining time; -1 when it never expires
record ListedRecord(byte[] key, byte @Nullable [] value, long version, long ttlMillis) {

    static ListedRecord of(FoundRecord found) {
        return new ListedRecord(found.key(), found.value(), found.version(), found.ttlMillis());
    }

    static ListedRecord withoutValue(FoundRecord found) {
        return new ListedRecord(found.key(), null, found.version(), found.ttlMillis());
    }

    /// How many bytes it takes in memory, about.
    long bytes() {
        return OVERHEAD_BYTES + key.length + (value == null ? 0L : value.length);
    }

    private static final int OVERHEAD_BYTES = 64;
}
