package io.caskade.server.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Counts the requests of one protocol, and how long they take. Thread-safe.
public final class RequestTimers {

    /// The outcome of a request that was answered as asked.
    public static final String OK = "ok";

    /// The outcome of a request that failed because of a defect.
    static final String INTERNAL = "internal";

    /// The upper bounds of the histograms' buckets: a get from memory takes tens of microseconds, a write of a
    /// cluster that fails over some seconds.
    private static final Duration[] BOUNDS = Stream.of(
                    100,
                    250,
                    500,
                    1_000,
                    2_500,
                    5_000,
                    10_000,
                    25_000,
                    50_000,
                    100_000,
                    250_000,
                    500_000,
                    1_000_000,
                    2_500_000,
                    5_000_000,
                    10_000_000)
            .map(micros -> Duration.ofNanos(micros * 1_000L))
            .toArray(Duration[]::new);

    private final MeterRegistry registry;
    private final String protocol;
    private final Map<Labels, Timer> failures = new ConcurrentHashMap<>();

    /// Those of [#OK]: nearly all requests end so, and finding their timer must allocate nothing.
    private final Map<RequestKind, Timer> successes = new ConcurrentHashMap<>();

    private record Labels(RequestKind kind, String outcome) {}

    RequestTimers(MeterRegistry registry, String protocol) {
        this.registry = registry;
        this.protocol = protocol;
    }

    /// Counts an answered request.
    ///
    /// @param outcome `ok`, or the code of the error in lower case
    public void record(RequestKind kind, String outcome, long nanos) {
        timer(kind, outcome).record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer timer(RequestKind kind, String outcome) {
        return outcome.equals(OK)
                ? successes.computeIfAbsent(kind, succeeded -> timer(new Labels(succeeded, OK)))
                : failures.computeIfAbsent(new Labels(kind, outcome), this::timer);
    }

    private Timer timer(Labels labels) {
        return Timer.builder("caskade.requests")
                .description("Requests that were answered, and the time from their arrival to their answer.")
                .tag("protocol", protocol)
                .tag("operation", labels.kind().label())
                .tag("outcome", labels.outcome())
                .serviceLevelObjectives(BOUNDS)
                .register(registry);
    }
}
