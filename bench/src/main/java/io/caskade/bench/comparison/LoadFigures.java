package io.caskade.bench.comparison;

import io.caskade.bench.load.FailureCounts;
import io.caskade.bench.load.MeasurementWindow.Sample;
import java.time.Duration;

/// What one load came to. Immutable.
///
/// @param perSecond operations that succeeded
/// @param p50 microseconds
/// @param p99 microseconds
/// @param processorMicros of all servers and the client together, for each operation
/// @param failures of the other operations
record LoadFigures(double perSecond, double p50, double p99, double processorMicros, FailureCounts failures) {

    private static final double NANOS_PER_MICRO = 1000;
    private static final double MEDIAN = 50;
    private static final double NINETY_NINE = 99;

    /// @param processorTime that was used while the sample was taken
    static LoadFigures of(Sample sample, Duration processorTime) {
        return new LoadFigures(
                sample.perSecond(),
                sample.latencies().getValueAtPercentile(MEDIAN) / NANOS_PER_MICRO,
                sample.latencies().getValueAtPercentile(NINETY_NINE) / NANOS_PER_MICRO,
                processorTime.toNanos() / NANOS_PER_MICRO / sample.latencies().getTotalCount(),
                sample.failures());
    }

    boolean hasFailures() {
        return failures.definite() + failures.unknown() > 0;
    }
}
