package io.caskade.bench.comparison;

import io.caskade.bench.limits.LoopbackRoundTrip;
import io.caskade.bench.limits.SyncLatency;
import io.caskade.bench.report.Row;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/// Measures what bounds every server on this machine. For one thread.
final class MachineLimits {

    static final String MACHINE = "machine";
    static final String ROUND_TRIP = "limit-round-trip";
    static final String SYNC = "limit-fdatasync-1-file";

    private static final String SYNC_OF_THREE = "limit-fdatasync-3-files";
    private static final double NANOS_PER_MICRO = 1000;

    private MachineLimits() {}

    /// How long it takes.
    ///
    /// @param time of each
    static Duration time(Duration time) {
        return time.dividedBy(2).plus(time.multipliedBy(3));
    }

    /// Medians and tails.
    ///
    /// @param directory on the disk that the servers use
    /// @param time of each
    /// @param out gets the progress
    static List<Row> measure(Path directory, Duration time, PrintStream out) throws IOException {
        // The first one compiles the loop.
        Histogram _ = LoopbackRoundTrip.measure(time.dividedBy(2));
        Histogram trips = LoopbackRoundTrip.measure(time);
        Histogram one = SyncLatency.measure(directory, 1, time);
        Histogram three = SyncLatency.measure(directory, 3, time);
        List<Row> rows = List.of(
                row(ROUND_TRIP, "-p50", trips, 50),
                row(ROUND_TRIP, "-p99", trips, 99),
                row(SYNC, "-p50", one, 50),
                row(SYNC, "-p99", one, 99),
                row(SYNC_OF_THREE, "-p50", three, 50),
                row(SYNC_OF_THREE, "-p99", three, 99));
        rows.forEach(row -> out.printf(Locale.ROOT, "%-30s %,8.1f us%n", row.workload(), row.value()));
        return rows;
    }

    private static Row row(String name, String suffix, Histogram nanos, double percentile) {
        return new Row(name + suffix, MACHINE, nanos.getValueAtPercentile(percentile) / NANOS_PER_MICRO, "us", "");
    }
}
