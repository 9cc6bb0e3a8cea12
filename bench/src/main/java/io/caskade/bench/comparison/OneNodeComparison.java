package io.caskade.bench.comparison;

import io.caskade.bench.report.Median;
import io.caskade.bench.report.Row;
import io.caskade.settings.HostPort;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// Has `redis-benchmark` load servers that speak Redis's protocol, one node each, in turns. For one thread.
final class OneNodeComparison {

    private static final double MICROS_PER_MILLI = 1000;

    /// How these rows' names begin.
    static final String SCOPE = "one-node";

    private final RedisBenchmark benchmark;
    private final Duration warmup;
    private final Duration time;
    private final int rounds;
    private final Progress progress;

    private record Load(String name, String server) {}

    OneNodeComparison(RedisBenchmark benchmark, Duration warmup, Duration time, int rounds, Progress progress) {
        this.benchmark = benchmark;
        this.warmup = warmup;
        this.time = time;
        this.rounds = rounds;
        this.progress = progress;
    }

    /// Measures `SET` and `GET`.
    ///
    /// @param servers by how results name them
    List<Row> run(Map<String, HostPort> servers, List<LoadShape> shapes) throws IOException {
        Map<Load, List<RedisBenchmark.Result>> results = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (boolean puts : new boolean[] {true, false}) {
                for (LoadShape shape : shapes) {
                    for (Map.Entry<String, HostPort> server : servers.entrySet()) {
                        Load load = new Load(LoadComparison.name(SCOPE, puts, shape), server.getKey());
                        RedisBenchmark.Result result = benchmark.measure(server.getValue(), puts, shape, warmup, time);
                        progress.addLoad(
                                load.name(),
                                load.server(),
                                result.perSecond(),
                                result.p50() * MICROS_PER_MILLI,
                                result.p99() * MICROS_PER_MILLI,
                                "by redis-benchmark");
                        results.computeIfAbsent(load, _ -> new ArrayList<>()).add(result);
                    }
                }
            }
        }
        List<Row> rows = new ArrayList<>();
        results.forEach((load, all) -> rows.addAll(rows(load.name(), load.server(), all)));
        return rows;
    }

    /// The medians of the rounds, without those that it does not print.
    static List<Row> rows(String name, String server, List<RedisBenchmark.Result> rounds) {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row(name, server, median(rounds, RedisBenchmark.Result::perSecond), "op/s", ""));
        if (rounds.stream().noneMatch(result -> Double.isNaN(result.p50()) || Double.isNaN(result.p99()))) {
            rows.add(new Row(
                    name + "-p50", server, median(rounds, RedisBenchmark.Result::p50) * MICROS_PER_MILLI, "us", ""));
            rows.add(new Row(
                    name + "-p99", server, median(rounds, RedisBenchmark.Result::p99) * MICROS_PER_MILLI, "us", ""));
        }
        return rows;
    }

    private static double median(List<RedisBenchmark.Result> rounds, ToDoubleFunction<RedisBenchmark.Result> figure) {
        return Median.of(rounds.stream().map(figure::applyAsDouble).toList());
    }
}
