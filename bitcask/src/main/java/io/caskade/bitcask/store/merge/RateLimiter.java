package io.caskade.bitcask.store.merge;

import io.caskade.bitcask.log.LogMerge;
import java.util.concurrent.CancellationException;
import java.util.function.LongSupplier;

/// Limits the bytes per second of maintenance, in steps of a few milliseconds, and cancels it when the store
/// closes. For one thread at a time.
public final class RateLimiter implements LogMerge.Pacer {

    /// Waits, unless the maintenance must stop.
    @FunctionalInterface
    public interface Pause {
        /// Waits; 0 returns at once.
        ///
        /// @return whether the maintenance must stop
        boolean awaitStop(long nanos);
    }

    private static final long STEP_BYTES = 128 << 10;
    private static final double NANOS_PER_SECOND = 1e9;

    /// How much unused time is carried over.
    private static final long SLACK_NANOS = 20_000_000;

    private final long bytesPerSecond;
    private final LongSupplier nanoTime;
    private final Pause pause;

    private long bytesSinceLastWait;

    /// The earliest time by which all bytes moved so far are allowed.
    private long nextAllowedNanos;

    /// Creates a limiter.
    ///
    /// @param bytesPerSecond read and written together; 0 for no limit
    /// @param nanoTime a monotonic clock
    public RateLimiter(long bytesPerSecond, LongSupplier nanoTime, Pause pause) {
        this.bytesPerSecond = bytesPerSecond;
        this.nanoTime = nanoTime;
        this.pause = pause;
        this.nextAllowedNanos = nanoTime.getAsLong();
    }

    /// Waits until that many more bytes are allowed. Unused allowance is kept only for a moment.
    ///
    /// @throws CancellationException when the maintenance must stop
    @Override
    public void moved(long bytes) {
        bytesSinceLastWait += bytes;
        if (bytesSinceLastWait < STEP_BYTES) {
            return;
        }
        long now = nanoTime.getAsLong();
        if (bytesPerSecond > 0) {
            nextAllowedNanos = Math.max(nextAllowedNanos, now - SLACK_NANOS)
                    + (long) (bytesSinceLastWait * NANOS_PER_SECOND / bytesPerSecond);
        }
        bytesSinceLastWait = 0;
        if (pause.awaitStop(Math.max(0, nextAllowedNanos - now))) {
            throw new CancellationException("maintenance is canceled: the store is closing");
        }
    }
}
