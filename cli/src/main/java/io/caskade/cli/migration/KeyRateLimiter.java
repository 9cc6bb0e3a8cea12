package io.caskade.cli.migration;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Holds up a caller that is faster than a rate. For one thread.
final class KeyRateLimiter {

    private static final long NANOS_PER_SECOND = Duration.ofSeconds(1).toNanos();

    private final int perSecond;
    private long nextNanos = System.nanoTime();

    /// @param perSecond 0 when there is no limit
    KeyRateLimiter(int perSecond) {
        this.perSecond = perSecond;
    }

    /// Returns when so many more may be done.
    void acquire(int count) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (perSecond == 0) {
            return;
        }
        long now = System.nanoTime();
        if (nextNanos - now > 0) {
            TimeUnit.NANOSECONDS.sleep(nextNanos - now);
        } else {
            nextNanos = now;
        }
        nextNanos += count * NANOS_PER_SECOND / perSecond;
    }
}
