package io.caskade.bench.cluster;

import io.caskade.bench.data.KeyValues;
import io.caskade.bench.load.BulkLoader;
import io.caskade.bench.load.ClosedLoop;
import io.caskade.bench.load.FailureCounts;
import io.caskade.bench.load.LoadGenerator;
import io.caskade.bench.load.MeasurementWindow;
import io.caskade.bench.load.MeasurementWindow.Sample;
import io.caskade.bench.load.OpenLoop;
import io.caskade.bench.load.OperationListener;
import io.caskade.bench.load.OperationSource;
import io.caskade.bench.report.Median;
import io.caskade.bench.report.Row;
import io.caskade.bench.time.Pause;
import io.caskade.client.AsyncCaskadeClient;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// Measures how many operations a cluster does and how long they take: each load once, then all of them
/// again, so that what else the machine does meets all of them. For one thread.
final class Throughput {

    /// How a workload is driven.
    sealed interface Drive {

        /// What is added to the workload's name.
        String suffix();

        /// A closed loop.
        ///
        /// @param inFlight operations at a time
        record InFlight(int inFlight) implements Drive {
            @Override
            public String suffix() {
                return Integer.toString(inFlight);
            }
        }

        /// An open loop.
        ///
        /// @param perSecond operations a second
        record Rate(int perSecond) implements Drive {
            @Override
            public String suffix() {
                return "at-" + perSecond;
            }
        }
    }

    /// How much is measured.
    ///
    /// @param workloads in order, each driven in all ways
    /// @param drives how
    /// @param keys that are written first, and from then on read and overwritten
    /// @param valueBytes of each value
    /// @param rounds of each load; figures are medians
    /// @param warmup before each measurement
    /// @param time each load is measured for in a round
    /// @param seed of keys, values and their order
    record Plan(
            List<Workload> workloads,
            List<Drive> drives,
            int keys,
            int valueBytes,
            int rounds,
            Duration warmup,
            Duration time,
            long seed) {}

    private static final String CASKADE = "caskade";
    private static final int KEY_BYTES = 16;
    private static final int FILLING = 256;
    private static final double NANOS_PER_MICRO = 1000;

    private static final Map<String, ToDoubleFunction<Sample>> PERCENTILES = percentiles();

    private final AsyncCaskadeClient client;
    private final Plan plan;
    private final KeyValues records;
    private final PrintStream out;

    private record Load(Workload workload, Drive drive) {
        String name() {
            return workload.id() + "-" + drive.suffix();
        }
    }

    /// @param out gets the progress
    Throughput(AsyncCaskadeClient client, Plan plan, PrintStream out) {
        this.client = client;
        this.plan = plan;
        this.records = new KeyValues(KEY_BYTES, plan.valueBytes(), plan.seed());
        this.out = out;
    }

    /// Fills the cluster and measures all loads.
    List<Row> run() {
        fill();
        Map<Load, List<Sample>> samples = new LinkedHashMap<>();
        for (int round = 0; round < plan.rounds(); round++) {
            for (Workload workload : plan.workloads()) {
                for (Drive drive : plan.drives()) {
                    Load load = new Load(workload, drive);
                    Sample sample = measure(load, round);
                    printRound(round, load, sample);
                    samples.computeIfAbsent(load, _ -> new ArrayList<>()).add(sample);
                }
            }
        }
        List<Row> rows = new ArrayList<>();
        samples.forEach((load, rounds) -> rows.addAll(rows(load.name(), rounds)));
        return rows;
    }

    /// Writes every key once, so that what is read is there.
    private void fill() {
        FailureCounts failures = new FailureCounts();
        long before = System.nanoTime();
        BulkLoader.run(
                number -> client.put(records.key(number), records.value(number, 0)), plan.keys(), FILLING, failures);
        out.printf(
                Locale.ROOT,
                "wrote %,d keys in %.1f s; errors: %s%n",
                plan.keys(),
                (System.nanoTime() - before) / (double) Duration.ofSeconds(1).toNanos(),
                failures);
    }

    private Sample measure(Load load, int round) {
        OperationSource operations = load.workload().on(client, records, plan.keys(), plan.seed() + round + 1);
        MeasurementWindow window = new MeasurementWindow(
                switch (load.drive()) {
                    case Drive.InFlight _ -> MeasurementWindow.By.END;
                    case Drive.Rate _ -> MeasurementWindow.By.DUE;
                });
        try (LoadGenerator _ = start(operations, load.drive(), window)) {
            Pause.of(plan.warmup());
            window.open();
            Pause.of(plan.time());
            window.close();
        }
        return window.sample();
    }

    private static LoadGenerator start(OperationSource operations, Drive drive, OperationListener listener) {
        return switch (drive) {
            case Drive.InFlight(int inFlight) -> ClosedLoop.start(operations, inFlight, listener);
            case Drive.Rate(int perSecond) -> OpenLoop.start(operations, perSecond, listener);
        };
    }

    private void printRound(int round, Load load, Sample sample) {
        out.printf(
                Locale.ROOT,
                "round %d  %-12s %,10.0f op/s  p50 %,.0f us  p99 %,.0f us  p99.9 %,.0f us  max %,.0f us  errors: %s%n",
                round + 1,
                load.name(),
                sample.perSecond(),
                percentile(sample, 50),
                percentile(sample, 99),
                percentile(sample, 99.9),
                percentile(sample, 100),
                sample.failures());
    }

    /// A rate, latencies and failures: of the latter all rounds together.
    static List<Row> rows(String name, List<Sample> rounds) {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row(name, CASKADE, median(rounds, Sample::perSecond), "op/s", ""));
        PERCENTILES.forEach((suffix, of) -> rows.add(new Row(name + suffix, CASKADE, median(rounds, of), "us", "")));
        FailureCounts all = new FailureCounts();
        rounds.forEach(sample -> all.addAll(sample.failures()));
        rows.add(new Row(name + "-errors", CASKADE, (double) all.definite(), "op", ""));
        rows.add(new Row(name + "-unknown", CASKADE, (double) all.unknown(), "op", ""));
        return rows;
    }

    private static Map<String, ToDoubleFunction<Sample>> percentiles() {
        Map<String, ToDoubleFunction<Sample>> percentiles = new LinkedHashMap<>();
        percentiles.put("-p50", sample -> percentile(sample, 50));
        percentiles.put("-p99", sample -> percentile(sample, 99));
        percentiles.put("-p999", sample -> percentile(sample, 99.9));
        percentiles.put("-max", sample -> percentile(sample, 100));
        return percentiles;
    }

    private static double percentile(Sample sample, double percent) {
        return sample.latencies().getValueAtPercentile(percent) / NANOS_PER_MICRO;
    }

    private static double median(List<Sample> rounds, ToDoubleFunction<Sample> figure) {
        return Median.of(rounds.stream().map(figure::applyAsDouble).toList());
    }
}
