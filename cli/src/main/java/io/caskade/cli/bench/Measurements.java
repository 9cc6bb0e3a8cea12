package io.caskade.cli.bench;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/// Collects how long operations took, and why some failed. Any number of threads may record; one reads.
final class Measurements {

    private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final int DIGITS = 3;

    private final Recorder recorder = new Recorder(LONGEST_NANOS, DIGITS);
    private final Histogram total = new Histogram(LONGEST_NANOS, DIGITS);
    private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();

    /// An operation succeeded.
    void succeeded(long startNanos) {
        recorder.recordValue(Math.clamp(System.nanoTime() - startNanos, 1, LONGEST_NANOS));
    }

    /// An operation failed.
    void failed(String reason) {
        failures.computeIfAbsent(reason, _ -> new LongAdder()).increment();
    }

    /// Of all operations that have succeeded so far; a copy.
    Histogram latencies() {
        total.add(recorder.getIntervalHistogram());
        return total.copy();
    }

    /// How many have failed so far, by the reason.
    Map<String, Long> failures() {
        Map<String, Long> now = new TreeMap<>();
        failures.forEach((reason, count) -> now.put(reason, count.sum()));
        return now;
    }
}
