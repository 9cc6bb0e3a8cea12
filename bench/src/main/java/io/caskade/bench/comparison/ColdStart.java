package io.caskade.bench.comparison;

import io.caskade.bench.load.ClosedLoop;
import io.caskade.bench.load.LoadClient;
import io.caskade.bench.load.LoadGenerator;
import io.caskade.bench.load.SuccessCounter;
import io.caskade.bench.report.Row;
import io.caskade.bench.time.Pause;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Measures how fast a cluster is that has just been started, and how fast it is later under the same load,
/// which goes on meanwhile. For one thread.
final class ColdStart {

    static final LoadShape SHAPE = new LoadShape(64, 1);
    static final String COLD = "cold-put-64-seconds-";
    static final String LATER = "later-put-64-seconds-";

    private static final double NANOS = 1e9;

    /// The span that is judged.
    static final String JUDGED = "5-10";

    /// A span of seconds.
    private record Span(int from, int to) {
        String name() {
            return from + "-" + to;
        }
    }

    private static final List<Span> SPANS = List.of(new Span(0, 5), new Span(5, 10), new Span(10, 30));

    private final Duration later;
    private final PrintStream out;

    /// How long it takes.
    ///
    /// @param later how long after the start it begins again
    static Duration time(Duration later) {
        return later.plusSeconds(SPANS.get(1).to());
    }

    /// @param later how long after the start the same spans are measured again; more than the last of them
    /// @param out gets the progress
    ColdStart(Duration later, PrintStream out) {
        this.later = later;
        this.out = out;
    }

    /// Measures puts.
    ///
    /// @param ready when the cluster said that it serves, as `System.nanoTime()` counts
    List<Row> run(Contender contender, long ready) throws IOException {
        SuccessCounter counter = new SuccessCounter();
        List<Row> rows = new ArrayList<>();
        try (LoadClient client = contender.connect(true, SHAPE, 0);
                LoadGenerator _ = ClosedLoop.start(client, SHAPE.inFlight(), counter)) {
            SPANS.forEach(span -> rows.add(measure(COLD, span, ready, counter, contender)));
            SPANS.subList(0, 2)
                    .forEach(span -> rows.add(measure(LATER, span, ready + later.toNanos(), counter, contender)));
        }
        out.println("errors: " + counter.failures());
        return rows;
    }

    /// The same load, for so long, of which nothing is measured.
    static void load(Contender contender, Duration time) throws IOException {
        try (LoadClient client = contender.connect(true, SHAPE, 0);
                LoadGenerator _ = ClosedLoop.start(client, SHAPE.inFlight(), new SuccessCounter())) {
            Pause.of(time);
        }
    }

    private Row measure(String name, Span span, long origin, SuccessCounter counter, Contender contender) {
        pauseUntil(origin + Duration.ofSeconds(span.from()).toNanos());
        long begin = System.nanoTime();
        long before = counter.succeeded();
        pauseUntil(origin + Duration.ofSeconds(span.to()).toNanos());
        long done = counter.succeeded() - before;
        Row row = row(name + span.name(), contender.name(), done, System.nanoTime() - begin);
        out.printf(Locale.ROOT, "%-30s %-12s %,10.0f op/s%n", row.workload(), row.engine(), row.value());
        return row;
    }

    static Row row(String name, String contender, long operations, long nanos) {
        return new Row(name, contender, operations * NANOS / nanos, "op/s", "");
    }

    private static void pauseUntil(long moment) {
        Pause.of(Duration.ofNanos(Math.max(0, moment - System.nanoTime())));
    }
}
