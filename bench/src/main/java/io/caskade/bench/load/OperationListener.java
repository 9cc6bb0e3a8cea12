package io.caskade.bench.load;

import org.jspecify.annotations.Nullable;

/// Hears how operations end, from any thread; it must not block.
@FunctionalInterface
public interface OperationListener {

    /// One operation has ended.
    ///
    /// @param number which, from 0 on in the order in which they were started
    /// @param due when it was to start, as `System.nanoTime()` counts
    /// @param end when it had ended
    /// @param failure null when it succeeded
    void ended(long number, long due, long end, @Nullable Throwable failure);
}
