package io.caskade.server.zookeeper;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/// Decides when to log a condition that each of many attempts meets: at once, and then rarely while it lasts.
/// Thread-safe.
final class RareLog {

    private static final Duration INTERVAL = Duration.ofMinutes(10);

    /// Past this many subjects, all are forgotten, which bounds the memory.
    private static final int MAX_REMEMBERED = 64;

    private final LongSupplier nanoTime;
    private final Map<String, Long> loggedAt = new HashMap<>();

    RareLog() {
        this(System::nanoTime);
    }

    /// @param nanoTime a monotonic clock
    RareLog(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /// Whether to log now what concerns a subject; if so, not again for a while.
    synchronized boolean isDue(String subject) {
        long now = nanoTime.getAsLong();
        Long last = loggedAt.get(subject);
        if (last != null && now - last < INTERVAL.toNanos()) {
            return false;
        }
        if (loggedAt.size() >= MAX_REMEMBERED) {
            loggedAt.clear();
        }
        loggedAt.put(subject, now);
        return true;
    }

    /// The condition is over: the next one is logged at once.
    synchronized void reset() {
        loggedAt.clear();
    }
}
