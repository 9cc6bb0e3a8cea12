package io.caskade.bench.load;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// Counts the operations that succeed, and those that fail by kind.
///
/// Thread-safe.
public final class SuccessCounter implements OperationListener {

    private final LongAdder succeeded = new LongAdder();
    private final FailureCounts failures = new FailureCounts();

    @Override
    public void ended(long number, long due, long end, @Nullable Throwable failure) {
        if (failure == null) {
            succeeded.increment();
        } else {
            failures.add(failure);
        }
    }

    /// How many have succeeded so far.
    public long succeeded() {
        return succeeded.sum();
    }

    /// Those that have failed so far.
    public FailureCounts failures() {
        return failures;
    }
}
