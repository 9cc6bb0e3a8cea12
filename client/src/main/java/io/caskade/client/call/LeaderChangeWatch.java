package io.caskade.client.call;

import io.caskade.client.routing.ClusterMetadataCache;
import io.caskade.client.routing.Route;
import java.util.concurrent.TimeUnit;

/// Detects that another process leads a partition now than the one an attempt was sent to. A leader that is
/// paused or cut off breaks no connection, and waiting for its response would take all the time there is.
///
/// Polled rather than notified: attempts are many and short, while a listener on a partition would stay.
///
/// Thread-safe.
final class LeaderChangeWatch {

    /// Responses that the old leader sent in time may still be in transit.
    private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ClusterMetadataCache directory;
    private final Route route;

    private volatile long detectedNanos;
    private volatile boolean detected;

    LeaderChangeWatch(ClusterMetadataCache directory, Route route) {
        this.directory = directory;
        this.route = route;
    }

    /// Checks for a new leader; true when the old one's responses need not be waited for any longer.
    ///
    /// @param nowNanos as `System.nanoTime()` counts
    boolean poll(long nowNanos) {
        if (!detected && directory.hasNewLeader(route)) {
            detectedNanos = nowNanos;
            detected = true;
        }
        return detected && nowNanos - detectedNanos >= GRACE_NANOS;
    }
}
