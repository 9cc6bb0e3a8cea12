package io.caskade.client;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/// How long to wait before an attempt is repeated: twice as long each time up to a limit, and a random part of it, so
/// that clients refused together do not come back together.
///
/// @param random        gives numbers in [0, 1)
/// @param longestMillis the limit
record Backoff(DoubleSupplier random, long longestMillis) {

    private static final long FIRST_MILLIS = 10;

    /// The pause after `attempts` attempts, at least one: between a half and the whole of 10ms, 20ms, 40ms, … and
    /// the limit.
    Duration after(int attempts) {
        long whole = Math.min(longestMillis, FIRST_MILLIS << Math.min(attempts - 1, 10));
        return Duration.ofNanos((long) (whole * 1_000_000L * (1 + random.getAsDouble()) / 2));
    }
}
