package io.caskade.client;

import java.time.Duration;

/// How a value is written.
///
/// @param expiry    when the record expires
/// @param condition what must hold for the write to be applied
public record PutOptions(Expiry expiry, Condition condition) {

    /// Unconditional, and never expires.
    public static final PutOptions DEFAULT = new PutOptions(Expiry.never(), Condition.none());

    /// The same with another expiry.
    public PutOptions expiring(Expiry other) {
        return new PutOptions(other, condition);
    }

    /// The same with a time to live of at least a millisecond.
    public PutOptions expiringAfter(Duration timeToLive) {
        return expiring(Expiry.after(timeToLive));
    }

    /// The same with another condition.
    public PutOptions onlyIf(Condition other) {
        return new PutOptions(expiry, other);
    }
}
