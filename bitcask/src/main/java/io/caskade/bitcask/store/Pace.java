package io.caskade.bitcask.store;

import io.caskade.bitcask.log.LogMerge;
import java.util.concurrent.CancellationException;
import java.util.function.LongSupplier;

/// Holds upkeep to so many bytes a second, in steps that take a few milliseconds, and gives it up when it is
/// to stop. For one thread at a time.
public final class Pace implements LogMerge.Pacer {

    /// Waits, unless the upkeep is to stop.
    @FunctionalInterface
    public interface Pause {
        /// Waits for so long, 0 for not at all.
        ///
        /// @return whether the upkeep is to stop
        boolean awaitStop(long nanos);
    }

    private static final long STEP_BYTES = 128 << 10;
    private static final double NANOS_PER_SECOND = 1e9;

    /// So much time that went by without a wait is made up for.
    private static final long SLACK_NANOS = 20_000_000;

    private final long bytesASecond;
    private final LongSupplier nanoTime;
    private final Pause pause;

    private long unpaid;

    /// When all bytes moved so far may have been.
    private long due;

    /// A pace.
    ///
    /// @param bytesASecond read and written together; 0 for no limit
    /// @param nanoTime a clock that never goes back
    public Pace(long bytesASecond, LongSupplier nanoTime, Pause pause) {
        this.bytesASecond = bytesASecond;
        this.nanoTime = nanoTime;
        this.pause = pause;
        this.due = nanoTime.getAsLong();
    }

    /// Waits until so many bytes more are allowed. More than a moment in which less was moved is not
    /// made up for.
    ///
    /// @throws CancellationException when the upkeep is to stop
    @Override
    public void moved(long bytes) {
        unpaid += bytes;
        if (unpaid < STEP_BYTES) {
            return;
        }
        long now = nanoTime.getAsLong();
        if (bytesASecond > 0) {
            due = Math.max(due, now - SLACK_NANOS) + (long) (unpaid * NANOS_PER_SECOND / bytesASecond);
        }
        unpaid = 0;
        if (pause.awaitStop(Math.max(0, due - now))) {
            throw new CancellationException("upkeep is given up: the store is being closed");
        }
    }
}
