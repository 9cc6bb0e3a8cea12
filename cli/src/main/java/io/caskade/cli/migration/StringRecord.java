package io.caskade.cli.migration;

import io.caskade.client.Bytes;

/// A string that is copied.
///
/// @param expiresAt in milliseconds of Unix time; 0 when it never expires
record StringRecord(Bytes key, Bytes value, long expiresAt) {

    static final long NEVER = 0;

    /// Whether it has expired at a time, or is about to within some milliseconds.
    boolean isExpiredWithin(long millis, long now) {
        return expiresAt != NEVER && expiresAt <= now + millis;
    }
}
