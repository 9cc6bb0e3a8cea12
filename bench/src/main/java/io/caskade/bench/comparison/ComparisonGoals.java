package io.caskade.bench.comparison;

import io.caskade.bench.report.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/// The goals that are ratios within one run. Pure.
final class ComparisonGoals {

    static final List<String> HEADER = List.of("goal", "Caskade", "the other", "ratio", "verdict");

    private static final double LONE_PUT = 1.6;
    private static final double COLD_START = 0.7;
    private static final String NONE = "–";

    private final ComparedFigures figures;
    private final List<List<String>> lines = new ArrayList<>();

    private ComparisonGoals(ComparedFigures figures) {
        this.figures = figures;
    }

    /// A line for each goal, to [#HEADER].
    static List<List<String>> judge(List<Row> rows) {
        ComparisonGoals goals = new ComparisonGoals(new ComparedFigures(rows));
        goals.againstRedis("one-node-get-50", 1);
        goals.againstRedis("one-node-get-50x16", 1);
        goals.againstRedis("one-node-put-50", 2);
        goals.againstRedis("three-nodes-put-50", 2);
        goals.againstEtcd("three-nodes-put-50", 5);
        for (String workload : List.of("put-64", "put-1000", "get-1", "get-64", "get-1000")) {
            goals.againstBest("three-nodes-" + workload, 2);
        }
        goals.tail(true);
        goals.tail(false);
        goals.lonePut();
        goals.coldStart();
        return goals.lines;
    }

    private void tail(boolean puts) {
        String workload = HalfPeak.name("three-nodes", puts) + "-p99";
        judge(
                workload + " ≤ redis's",
                false,
                1,
                figures.of(workload, Contenders.RESP),
                figures.of(workload, Contenders.REDIS));
    }

    /// Two hops there and back, and the sync of what is written: less is not possible for a write on several
    /// disks.
    private void lonePut() {
        OptionalDouble trip = figures.of(MachineLimits.ROUND_TRIP + "-p50", MachineLimits.MACHINE);
        OptionalDouble sync = figures.of(MachineLimits.SYNC + "-p50", MachineLimits.MACHINE);
        OptionalDouble limit = trip.isPresent() && sync.isPresent()
                ? OptionalDouble.of(2 * trip.getAsDouble() + sync.getAsDouble())
                : OptionalDouble.empty();
        judge(
                "three-nodes-put-1-p50 ≤ 1.6 × (2 round trips + 1 fdatasync)",
                false,
                LONE_PUT,
                figures.ourLeast("three-nodes-put-1-p50"),
                limit);
    }

    private void coldStart() {
        judge(
                ColdStart.COLD + ColdStart.JUDGED + " ≥ 0.7 × later",
                true,
                COLD_START,
                figures.ourBest(ColdStart.COLD + ColdStart.JUDGED),
                figures.ourBest(ColdStart.LATER + ColdStart.JUDGED));
    }

    private void againstRedis(String workload, double factor) {
        atLeast(
                workload,
                factor,
                "redis",
                figures.of(workload, Contenders.RESP),
                figures.of(workload, Contenders.REDIS));
    }

    private void againstEtcd(String workload, double factor) {
        atLeast(workload, factor, "etcd", figures.ourBest(workload), figures.of(workload, "etcd"));
    }

    private void againstBest(String workload, double factor) {
        atLeast(workload, factor, "the best peer", figures.ourBest(workload), figures.bestOfPeers(workload));
    }

    private void atLeast(String workload, double factor, String other, OptionalDouble ours, OptionalDouble theirs) {
        judge(String.format(Locale.ROOT, "%s ≥ %s × %s", workload, plain(factor), other), true, factor, ours, theirs);
    }

    private void judge(String goal, boolean atLeast, double bound, OptionalDouble ours, OptionalDouble theirs) {
        if (ours.isEmpty() || theirs.isEmpty()) {
            lines.add(List.of(goal, number(ours), number(theirs), NONE, "not measured"));
            return;
        }
        double ratio = ours.getAsDouble() / theirs.getAsDouble();
        boolean met = atLeast ? ratio >= bound : ratio <= bound;
        lines.add(List.of(
                goal,
                number(ours),
                number(theirs),
                String.format(Locale.ROOT, "%.2f ×", ratio),
                met ? "met" : "MISSED"));
    }

    private static String number(OptionalDouble value) {
        return value.isEmpty() ? NONE : ComparisonPage.number(value.getAsDouble());
    }

    private static String plain(double factor) {
        return factor == Math.rint(factor) ? Long.toString(Math.round(factor)) : Double.toString(factor);
    }
}
