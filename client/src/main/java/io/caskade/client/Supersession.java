package io.caskade.client;

import java.util.concurrent.TimeUnit;

/// Notices that another process leads a partition now than the one that an attempt was sent to. A leader that is paused
/// or cut off breaks no connection; to wait for its answer would take the whole time there is.
///
/// It is asked now and then, rather than told: attempts are many and short, and what they would wait on lasts.
///
/// Safe for use by any thread.
final class Supersession {

    /// What the old leader has answered in time may still be under way.
    private static final long LAST_ANSWERS_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ClusterDirectory directory;
    private final Route route;
    private volatile long overNanos;
    private volatile boolean noticed;

    Supersession(ClusterDirectory directory, Route route) {
        this.directory = directory;
        this.route = route;
    }

    /// Whether no answer is to be expected any more.
    ///
    /// @param nowNanos as `System.nanoTime()` counts
    boolean isOver(long nowNanos) {
        if (!noticed && directory.isLedElsewhere(route)) {
            overNanos = nowNanos + LAST_ANSWERS_NANOS;
            noticed = true;
        }
        return noticed && nowNanos - overNanos >= 0;
    }
}
