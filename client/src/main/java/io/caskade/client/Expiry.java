package io.caskade.client;

import java.time.Duration;
import java.time.Instant;

/// When a record that is written expires.
public sealed interface Expiry {

    /// Never.
    static Expiry never() {
        return new Never();
    }

    /// After a time by the leader's clock.
    ///
    /// @throws IllegalArgumentException when less than a millisecond
    static Expiry after(Duration timeToLive) {
        return new After(timeToLive);
    }

    /// At that moment, to the millisecond. A moment in the past removes the record.
    ///
    /// @throws IllegalArgumentException when before 1970
    static Expiry at(Instant moment) {
        return new At(moment);
    }

    /// When the record it replaces would have expired.
    static Expiry keep() {
        return new Keep();
    }

    /// See [#never()].
    record Never() implements Expiry {}

    /// See [#after(Duration)].
    ///
    /// @param timeToLive at least a millisecond
    record After(Duration timeToLive) implements Expiry {

        /// Rejects less than a millisecond.
        public After {
            if (timeToLive.toMillis() < 1) {
                throw new IllegalArgumentException("the time to live must be at least 1ms, not " + timeToLive);
            }
        }
    }

    /// See [#at(Instant)].
    ///
    /// @param moment after 1970-01-01
    record At(Instant moment) implements Expiry {

        /// Rejects times before 1970.
        public At {
            if (moment.toEpochMilli() < 1) {
                throw new IllegalArgumentException("the expiry must be after 1970-01-01, not " + moment);
            }
        }
    }

    /// See [#keep()].
    record Keep() implements Expiry {}
}
