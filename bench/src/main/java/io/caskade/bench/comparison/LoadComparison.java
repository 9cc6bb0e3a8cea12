package io.caskade.bench.comparison;

import io.caskade.bench.report.Median;
import io.caskade.bench.report.Row;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// Measures all loads on all contenders in turns: a load on each of them, then the next load, then all again,
/// so that what else the machine does meets all of them. For one thread.
final class LoadComparison {

    private static final String P50 = "-p50";
    private static final String P99 = "-p99";
    private static final String PROCESSORS = "-processors";
    private static final LoadShape WARMING = new LoadShape(64, 1);

    private final LoadMeter meter;
    private final int rounds;
    private final Progress progress;

    private record Load(String name, Contender contender) {}

    LoadComparison(LoadMeter meter, int rounds, Progress progress) {
        this.meter = meter;
        this.rounds = rounds;
        this.progress = progress;
    }

    /// Has every contender write and read for a time, so that none is measured before it is warm.
    void warm(List<Contender> contenders, Duration time) throws IOException {
        LoadMeter warming = new LoadMeter(time, Duration.ZERO);
        for (Contender contender : contenders) {
            progress.print("warming " + contender.name());
            for (boolean puts : new boolean[] {true, false}) {
                LoadFigures _ = warming.measureClosed(contender, puts, WARMING, 0);
            }
        }
    }

    /// Measures writes and reads.
    ///
    /// @param scope how the rows' names begin
    List<Row> run(String scope, List<Contender> contenders, List<LoadShape> shapes) throws IOException {
        Map<Load, List<LoadFigures>> figures = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (boolean puts : new boolean[] {true, false}) {
                for (LoadShape shape : shapes) {
                    for (Contender contender : contenders) {
                        Load load = new Load(name(scope, puts, shape), contender);
                        LoadFigures measured = meter.measureClosed(contender, puts, shape, round);
                        print(load, measured);
                        figures.computeIfAbsent(load, _ -> new ArrayList<>()).add(measured);
                    }
                }
            }
        }
        List<Row> rows = new ArrayList<>();
        figures.forEach(
                (load, all) -> rows.addAll(rows(load.name(), load.contender().name(), all)));
        return rows;
    }

    /// As a row of throughput is named.
    static String name(String scope, boolean puts, LoadShape shape) {
        return scope + (puts ? "-put-" : "-get-") + shape;
    }

    private void print(Load load, LoadFigures measured) {
        progress.addLoad(
                load.name(),
                load.contender().name(),
                measured.perSecond(),
                measured.p50(),
                measured.p99(),
                String.format(
                        Locale.ROOT,
                        "processors %,.1f us/op  errors: %s",
                        measured.processorMicros(),
                        measured.failures()));
    }

    /// The medians of the rounds; a load with failures, or without a success, has no figures.
    static List<Row> rows(String name, String contender, List<LoadFigures> rounds) {
        String failed = rounds.stream()
                .filter(LoadFigures::hasFailures)
                .map(round -> "failed: " + round.failures())
                .findFirst()
                .or(() -> rounds.stream()
                        .filter(round -> round.perSecond() == 0)
                        .map(_ -> "no operation ended in time")
                        .findFirst())
                .orElse("");
        return List.of(
                row(name, contender, rounds, LoadFigures::perSecond, "op/s", failed),
                row(name + P50, contender, rounds, LoadFigures::p50, "us", failed),
                row(name + P99, contender, rounds, LoadFigures::p99, "us", failed),
                row(name + PROCESSORS, contender, rounds, LoadFigures::processorMicros, "us/op", failed));
    }

    /// Whether a row of this name stands beside that of a load's throughput.
    static boolean isPartOfLoad(String workload) {
        return workload.endsWith(P50) || workload.endsWith(P99) || workload.endsWith(PROCESSORS);
    }

    private static Row row(
            String name,
            String contender,
            List<LoadFigures> rounds,
            ToDoubleFunction<LoadFigures> figure,
            String unit,
            String failed) {
        return failed.isEmpty()
                ? new Row(
                        name,
                        contender,
                        Median.of(rounds.stream().map(figure::applyAsDouble).toList()),
                        unit,
                        "")
                : new Row(name, contender, null, unit, failed);
    }
}
