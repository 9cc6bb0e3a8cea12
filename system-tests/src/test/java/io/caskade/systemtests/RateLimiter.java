package io.caskade.systemtests;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Lets one thread begin an operation at most so often: clients that never rest take the processors from the
/// nodes that are to start, and the tests take twice as long.
final class RateLimiter {

    private final long intervalNanos;
    private long dueAt = System.nanoTime();

    RateLimiter(Duration interval) {
        this.intervalNanos = interval.toNanos();
    }

    /// Waits until the next operation is due. What was missed is not made up for.
    void awaitNext() {
        for (long left = dueAt - System.nanoTime(); left > 0; left = dueAt - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        dueAt = System.nanoTime() + intervalNanos;
    }
}
