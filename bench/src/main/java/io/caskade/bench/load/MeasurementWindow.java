package io.caskade.bench.load;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/// What happened between two moments: latencies of the operations that succeeded, and how many failed.
/// Hears of operations all the time, and counts those that ended while it was open, or, of an open loop,
/// those that were due then.
///
/// Thread-safe.
public final class MeasurementWindow implements OperationListener {

    private static final int DIGITS = 3;

    /// By which moment of an operation it is counted.
    public enum By {
        END,
        DUE
    }

    private final By by;
    private final Recorder latencies = new Recorder(DIGITS);
    private final LongAdder succeeded = new LongAdder();
    private final FailureCounts failures = new FailureCounts();

    private volatile long from = Long.MAX_VALUE;
    private volatile long to = Long.MAX_VALUE;

    public MeasurementWindow(By by) {
        this.by = by;
    }

    /// Counts from now on.
    public void open() {
        from = System.nanoTime();
    }

    /// Counts what belongs to the time until now.
    public void close() {
        to = System.nanoTime();
    }

    @Override
    public void ended(long number, long due, long end, @Nullable Throwable failure) {
        long moment = switch (by) {
            case END -> end;
            case DUE -> due;
        };
        long opened = from;
        long closed = to;
        if (opened == Long.MAX_VALUE || moment - opened < 0 || (closed != Long.MAX_VALUE && moment - closed >= 0)) {
            return;
        }
        if (failure == null) {
            succeeded.increment();
            latencies.recordValue(end - due);
        } else {
            failures.add(failure);
        }
    }

    /// The figures. To be asked once, when it is closed and all operations that count have ended.
    public Sample sample() {
        return new Sample(
                succeeded.sum() * (double) TimeUnit.SECONDS.toNanos(1) / (to - from),
                latencies.getIntervalHistogram(),
                failures);
    }

    /// One round's figures.
    ///
    /// @param perSecond operations that succeeded
    /// @param latencies of those, in nanoseconds
    /// @param failures of the others
    public record Sample(double perSecond, Histogram latencies, FailureCounts failures) {}
}
