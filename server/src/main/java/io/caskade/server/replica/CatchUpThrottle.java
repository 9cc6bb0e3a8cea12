package io.caskade.server.replica;

/// Limits the bytes per second that a node sends to copies that are not in sync, so that filling them leaves
/// clients and the copies in sync their share of network and disk. Shared by all replicas of a node;
/// thread-safe.
///
/// A leader reads as much as it likes while there is credit, and pays afterwards, when the size is known: the
/// credit may fall below zero, and nothing more is sent until it is back.
public final class CatchUpThrottle {

    /// Credit is kept for as long: it bounds a burst, and spans the ticks at which leaders look again.
    private static final long MAX_CREDIT_MILLIS = 200;

    private static final long MILLIS_PER_SECOND = 1_000;

    private volatile long bytesPerSecond;

    // Guarded by this. In thousandths of a byte.
    private long credit;

    private long creditedAt;
    private boolean started;

    /// @param bytesPerSecond 0 for no limit
    public CatchUpThrottle(long bytesPerSecond) {
        this.bytesPerSecond = checked(bytesPerSecond);
    }

    private static long checked(long bytesPerSecond) {
        if (bytesPerSecond < 0) {
            throw new IllegalArgumentException("bytes per second must not be negative, found " + bytesPerSecond);
        }
        return bytesPerSecond;
    }

    /// Sets another limit, 0 for none, from now on; no credit or debt is left of the former.
    public synchronized void setRate(long newBytesPerSecond) {
        if (newBytesPerSecond != bytesPerSecond) {
            bytesPerSecond = checked(newBytesPerSecond);
            started = false;
        }
    }

    /// No limit.
    public static CatchUpThrottle unlimited() {
        return new CatchUpThrottle(0);
    }

    /// Whether something may be sent now.
    public boolean hasCredit(ClockReading now) {
        return bytesPerSecond == 0 || hasCreditAt(now.monotonic());
    }

    private synchronized boolean hasCreditAt(long now) {
        if (bytesPerSecond == 0) {
            return true;
        }
        long max = bytesPerSecond * MAX_CREDIT_MILLIS;
        if (!started) {
            started = true;
            credit = max;
        } else if (now > creditedAt) {
            long millis = Math.min(now - creditedAt, Long.MAX_VALUE / 2 / bytesPerSecond);
            credit = Math.min(max, credit + millis * bytesPerSecond);
        }
        creditedAt = Math.max(creditedAt, now);
        return credit > 0;
    }

    /// So many bytes were sent.
    public void pay(long bytes) {
        if (bytesPerSecond > 0) {
            synchronized (this) {
                credit -= bytes * MILLIS_PER_SECOND;
            }
        }
    }
}
