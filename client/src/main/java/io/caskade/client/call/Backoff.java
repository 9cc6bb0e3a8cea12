package io.caskade.client.call;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/// Exponential backoff with jitter, so that clients refused together do not come back together.
///
/// @param random    gives numbers in [0, 1)
/// @param maxMillis the longest pause
record Backoff(DoubleSupplier random, long maxMillis) {

    private static final long FIRST_MILLIS = 10;

    /// The pause after `attempts` attempts, at least one: between half and all of 10ms, 20ms, 40ms, … up to the
    /// longest.
    Duration after(int attempts) {
        long whole = Math.min(maxMillis, FIRST_MILLIS << Math.min(attempts - 1, 10));
        return Duration.ofNanos((long) (whole * 1_000_000L * (1 + random.getAsDouble()) / 2));
    }
}
