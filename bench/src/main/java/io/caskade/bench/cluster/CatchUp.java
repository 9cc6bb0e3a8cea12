package io.caskade.bench.cluster;

import io.caskade.bench.data.KeyValues;
import io.caskade.bench.load.ClosedLoop;
import io.caskade.bench.load.LoadGenerator;
import io.caskade.bench.load.SuccessCounter;
import io.caskade.bench.report.Row;
import io.caskade.bench.time.Pause;
import io.caskade.client.AsyncCaskadeClient;
import io.caskade.client.ClusterView;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// Measures what it costs the others when a node that was away comes back and catches up: a closed loop of
/// puts goes on all the time. For one thread.
final class CatchUp {

    /// How much is measured.
    ///
    /// @param inFlight puts at a time
    /// @param before how long to measure with all nodes up
    /// @param away how long the node is away
    /// @param timeout for the node to catch up
    record Plan(int inFlight, Duration before, Duration away, Duration timeout) {}

    private static final String CASKADE = "caskade";
    private static final int KEYS = 100_000;
    private static final int KEY_BYTES = 16;
    private static final int VALUE_BYTES = 100;
    private static final long SEED = 20_260_102;
    private static final double PERCENT = 100;
    private static final Duration WARM_UP = Duration.ofSeconds(5);
    private static final Duration TERMINATION_TIMEOUT = Duration.ofSeconds(60);

    private final AsyncCaskadeClient client;
    private final ClusterWatch watch;
    private final Plan plan;
    private final PrintStream out;

    /// @param out gets the progress
    CatchUp(AsyncCaskadeClient client, Plan plan, PrintStream out) {
        this.client = client;
        this.watch = new ClusterWatch(client);
        this.plan = plan;
        this.out = out;
    }

    /// Measures the rate of a counter's puts. For one thread.
    private static final class Meter {
        private final SuccessCounter counter;
        private long markedAt;
        private long marked;

        Meter(SuccessCounter counter) {
            this.counter = counter;
        }

        /// Starts a new measurement.
        void mark() {
            marked = counter.succeeded();
            markedAt = System.nanoTime();
        }

        /// Puts a second since the last [#mark].
        double perSecond() {
            return (counter.succeeded() - marked)
                    * (double) TimeUnit.SECONDS.toNanos(1)
                    / (System.nanoTime() - markedAt);
        }

        double seconds() {
            return (System.nanoTime() - markedAt) / (double) TimeUnit.SECONDS.toNanos(1);
        }
    }

    /// Stops the node that leads the fewest partitions and starts it again, under load.
    List<Row> run(ClusterProcesses processes) {
        ClusterView view = watch.awaitHealthy(plan.timeout());
        String follower = view.nodes().stream()
                .map(ClusterView.Node::id)
                .min(Comparator.comparingLong(node -> ClusterWatch.ledBy(view, node)))
                .orElseThrow(() -> new IllegalStateException("the cluster has no nodes"));
        String incarnation = view.node(follower).orElseThrow().incarnation();
        KeyValues records = new KeyValues(KEY_BYTES, VALUE_BYTES, SEED);
        SuccessCounter counter = new SuccessCounter();
        Meter meter = new Meter(counter);
        try (LoadGenerator _ =
                ClosedLoop.start(Workload.PUT.on(client, records, KEYS, SEED), plan.inFlight(), counter)) {
            Pause.of(WARM_UP);
            meter.mark();
            Pause.of(plan.before());
            double before = meter.perSecond();
            out.printf(Locale.ROOT, "all nodes there: %,.0f op/s; stopping %s%n", before, follower);
            processes.terminate(follower, TERMINATION_TIMEOUT);
            meter.mark();
            Pause.of(plan.away());
            double away = meter.perSecond();
            out.printf(Locale.ROOT, "%s away: %,.0f op/s; starting it%n", follower, away);
            processes.start(follower);
            meter.mark();
            watch.await(
                    follower + " has caught up",
                    plan.timeout(),
                    now -> ClusterWatch.isHealthy(now)
                            && now.node(follower)
                                    .filter(node -> !node.incarnation().equals(incarnation))
                                    .isPresent());
            double seconds = meter.seconds();
            double during = meter.perSecond();
            out.printf(
                    Locale.ROOT,
                    "catching up: %,.0f op/s for %.1f s; errors: %s%n",
                    during,
                    seconds,
                    counter.failures());
            return List.of(
                    row("catch-up-before", before, "op/s"),
                    row("catch-up-away", away, "op/s"),
                    row("catch-up-during", during, "op/s"),
                    row("catch-up-seconds", seconds, "s"),
                    row("catch-up-cost", Math.max(0, PERCENT * (1 - during / before)), "%"));
        }
    }

    private static Row row(String name, double value, String unit) {
        return new Row(name, CASKADE, value, unit, "");
    }
}
