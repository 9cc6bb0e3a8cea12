package io.caskade.bench.cluster;

import io.caskade.bench.report.MarkdownTable;
import io.caskade.bench.report.Row;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// The performance goals of a cluster of three nodes on one machine. Pure.
final class ClusterGoals {

    private static final String NONE = "–";

    /// A goal, and what others were measured at, elsewhere, on a machine such as the reference machine:
    /// those figures are given, this program does not measure them.
    ///
    /// @param workload whose figure it bounds
    /// @param atLeast whether the figure is to be as large as the bound, or at most as large
    /// @param bound in the figure's unit
    /// @param given the others' figures in words; empty when there are none
    private record Goal(String workload, boolean atLeast, double bound, String unit, String given) {

        String text() {
            return workload + (atLeast ? " ≥ " : " ≤ ") + String.format(Locale.ROOT, "%,.0f", bound) + " " + unit;
        }

        boolean isMetBy(double value) {
            return atLeast ? value >= bound : value <= bound;
        }
    }

    private static final List<Goal> GOALS = List.of(
            atLeast("put-1", 2_600, "Kafka 432, SOFAJRaft RheaKV 374, etcd 653, ZooKeeper 1.3k"),
            atLeast(
                    "put-64",
                    38_000,
                    "Kafka 5.3k, etcd 6.2k, ZooKeeper 9.7k, RheaKV 16k, Redis WAIT 2 19k (50 clients)"),
            atLeast("put-1000", 100_000, "etcd 12.9k, ZooKeeper 12.9k, Kafka 47k, RheaKV 51k"),
            atLeast("get-1", 2_800, "RheaKV 839, etcd 1.4k"),
            atLeast("get-64", 82_000, "etcd 8.7k, RheaKV 41k"),
            atLeast("get-1000", 226_000, "etcd 7.9k, RheaKV 113k"),
            atMost("leader-kill-gap", 500, "ms", "etcd 1,160 (median)"),
            atMost("leader-kill-gap-worst", 700, "ms", "etcd 1,380"),
            atMost("leader-and-controller-kill-gap", 500, "ms", ""),
            atMost("leader-and-controller-kill-gap-worst", 700, "ms", ""),
            atMost("rolling-restart-gap", 200, "ms", ""),
            atMost("rolling-restart-errors", 0, "op", ""),
            atMost("rolling-restart-unknown", 0, "op", ""),
            atMost("zookeeper-away-errors", 0, "op", ""),
            atMost("zookeeper-away-unknown", 0, "op", ""),
            atMost("catch-up-cost", 20, "%", ""));

    private ClusterGoals() {}

    private static Goal atLeast(String workload, double bound, String given) {
        return new Goal(workload, true, bound, "op/s", given);
    }

    private static Goal atMost(String workload, double bound, String unit, String given) {
        return new Goal(workload, false, bound, unit, given);
    }

    static final List<String> HEADER = List.of("goal", "measured", "verdict", "others (given, not measured here)");

    /// A line for each goal, to [#HEADER].
    static List<List<String>> judge(Map<String, Row> rows) {
        return GOALS.stream()
                .map(goal -> judge(goal, valueOf(rows.get(goal.workload()))))
                .toList();
    }

    private static List<String> judge(Goal goal, OptionalDouble measured) {
        String given = goal.given().isEmpty() ? NONE : goal.given();
        if (measured.isEmpty()) {
            return List.of(goal.text(), NONE, "not measured", given);
        }
        double value = measured.getAsDouble();
        return List.of(
                goal.text(),
                MarkdownTable.number(value) + " " + goal.unit(),
                goal.isMetBy(value) ? "met" : "MISSED",
                given);
    }

    private static OptionalDouble valueOf(@Nullable Row row) {
        Double value = row == null ? null : row.value();
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}
