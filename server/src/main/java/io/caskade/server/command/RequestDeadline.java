package io.caskade.server.command;

import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// When the caller of the calling thread waits no longer, for requests of several steps: a step that waits for
/// a leader must not wait longer than the request may take, or its caller is told that something may have been
/// done when nothing was.
public final class RequestDeadline {

    private static final long NANOS_PER_MILLI = 1_000_000;

    /// By the monotonic clock.
    private static final ScopedValue<Long> NANOS = ScopedValue.newInstance();

    private RequestDeadline() {}

    /// Begins a step that must end by then.
    ///
    /// @param nanos the deadline, by the monotonic clock
    public static <T extends @Nullable Object> T within(long nanos, Supplier<T> step) {
        return ScopedValue.where(NANOS, nanos).call(step::get);
    }

    /// How long the caller waits, in milliseconds, at least 0.
    ///
    /// @param nanoTime the monotonic clock
    /// @param otherwise when no deadline was set
    public static long leftMillis(LongSupplier nanoTime, long otherwise) {
        return NANOS.isBound() ? Math.max(0, (NANOS.get() - nanoTime.getAsLong()) / NANOS_PER_MILLI) : otherwise;
    }
}
