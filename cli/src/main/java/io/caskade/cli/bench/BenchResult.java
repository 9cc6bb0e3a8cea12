package io.caskade.cli.bench;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/// What was measured of a workload over a protocol.
///
/// @param latencies of the requests that succeeded, in nanoseconds
/// @param failures how many failed, by the reason
/// @param nanos how long it took
/// @param finished whether it was not interrupted
record BenchResult(
        BenchProtocol protocol,
        BenchWorkload workload,
        Histogram latencies,
        Map<String, Long> failures,
        long nanos,
        boolean finished) {

    private static final double NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    long succeeded() {
        return latencies.getTotalCount();
    }

    long failed() {
        return failures.values().stream().mapToLong(Long::longValue).sum();
    }

    /// Successful requests a second.
    double perSecond() {
        return nanos == 0 ? 0 : succeeded() / (nanos / NANOS_PER_SECOND);
    }

    /// The time in milliseconds that a percentage of the requests did not exceed.
    double millis(double percent) {
        return latencies.getValueAtPercentile(percent) / NANOS_PER_MILLI;
    }
}
