package io.caskade.bench.engine;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/// The performance goals of this project's engine.
final class EngineGoals {

    /// A goal and what was measured.
    ///
    /// @param text the goal in words
    /// @param measured the ratio or the figure, in words
    /// @param verdict met, missed, or why it cannot be told
    record Judged(String text, String measured, String verdict) {}

    private static final String CASKADE = EngineKind.CASKADE.id();
    private static final String ROCKSDB = EngineKind.ROCKSDB.id();
    private static final String LMDB = EngineKind.LMDB.id();

    private static final double REOPEN_GOAL_KEYS = 10_000_000;
    private static final double REOPEN_CLEAN_SECONDS = 0.3;
    private static final double REOPEN_KILLED_SECONDS = 2.5;
    private static final double BYTES_PER_KEY = 40;
    private static final double SPACE = 1.4;
    private static final double MERGING_LATENCY = 3;

    /// What allocation that happens now and then comes to, spread over all operations.
    private static final double NEGLIGIBLE_BYTES = 1;

    private final Results results;
    private final Plan plan;
    private final List<Judged> judged = new ArrayList<>();

    private EngineGoals(Results results, Plan plan) {
        this.results = results;
        this.plan = plan;
    }

    /// All goals, in the order of the plan.
    static List<Judged> judge(Results results, Plan plan) {
        EngineGoals goals = new EngineGoals(results, plan);
        goals.atLeast("fill", 3, ROCKSDB);
        goals.atLeast("fill-fsync-16", 2, ROCKSDB);
        goals.atLeast("read-1", 2, LMDB);
        goals.atLeast("read-2", 1.5, LMDB);
        goals.atLeast("mix-1", 4, ROCKSDB);
        goals.atLeast("mix-2", 4, ROCKSDB);
        goals.atMost("memory-per-key-16", BYTES_PER_KEY, "B");
        goals.atMost("memory-per-key-64", BYTES_PER_KEY, "B");
        goals.reopen("reopen-clean", REOPEN_CLEAN_SECONDS);
        goals.reopen("reopen-killed", REOPEN_KILLED_SECONDS);
        goals.atMost("space-amplification", SPACE, "×");
        goals.whileMerging();
        goals.atMost("garbage-get", AllocationMeter.RETURNED_BYTES, "B");
        goals.atMost("garbage-put", NEGLIGIBLE_BYTES, "B");
        return goals.judged;
    }

    private void atLeast(String workload, double factor, String peer) {
        String text = String.format(Locale.ROOT, "%s ≥ %s × %s", workload, plain(factor), peer);
        OptionalDouble ours = results.value(workload, CASKADE);
        OptionalDouble theirs = results.value(workload, peer);
        if (ours.isEmpty() || theirs.isEmpty()) {
            absent(text, workload);
            return;
        }
        double ratio = ours.getAsDouble() / theirs.getAsDouble();
        add(text, String.format(Locale.ROOT, "%.2f ×", ratio), ratio >= factor);
    }

    private void atMost(String workload, double bound, String unit) {
        String text = String.format(Locale.ROOT, "%s ≤ %s %s", workload, plain(bound), unit);
        OptionalDouble ours = results.value(workload, CASKADE);
        if (ours.isEmpty()) {
            absent(text, workload);
            return;
        }
        add(text, String.format(Locale.ROOT, "%.2f %s", ours.getAsDouble(), unit), ours.getAsDouble() <= bound);
    }

    /// The goal is for ten million keys; for fewer it is scaled down, which is strict: part of the time is the
    /// same whatever the number of keys.
    private void reopen(String workload, double seconds) {
        double bound = seconds * Math.min(1, plan.reopenKeys() / REOPEN_GOAL_KEYS);
        String text = plan.reopenKeys() < REOPEN_GOAL_KEYS
                ? String.format(
                        Locale.ROOT,
                        "%s ≤ %s s with 10M keys, so %s s with %,d",
                        workload,
                        plain(seconds),
                        plain(bound),
                        plan.reopenKeys())
                : String.format(Locale.ROOT, "%s ≤ %s s", workload, plain(seconds));
        OptionalDouble ours = results.value(workload, CASKADE);
        if (ours.isEmpty()) {
            absent(text, workload);
            return;
        }
        add(text, String.format(Locale.ROOT, "%.3f s", ours.getAsDouble()), ours.getAsDouble() <= bound);
    }

    private void whileMerging() {
        String text = String.format(Locale.ROOT, "put-latency-merging p99.9 ≤ %s × without", plain(MERGING_LATENCY));
        OptionalDouble merging = results.value("put-latency-merging-p999", CASKADE);
        OptionalDouble without = results.value("put-latency-p999", CASKADE);
        if (merging.isEmpty() || without.isEmpty()) {
            absent(text, "put-latency-merging-p999");
            return;
        }
        double ratio = merging.getAsDouble() / without.getAsDouble();
        add(text, String.format(Locale.ROOT, "%.2f ×", ratio), ratio <= MERGING_LATENCY);
    }

    private void absent(String text, String workload) {
        String reason = results.reason(workload, CASKADE);
        judged.add(new Judged(text, "–", "not measured" + (reason.isEmpty() ? "" : ": " + reason)));
    }

    private void add(String text, String measured, boolean met) {
        judged.add(new Judged(text, measured, met ? "met" : "MISSED"));
    }

    private static String plain(double number) {
        return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
    }
}
