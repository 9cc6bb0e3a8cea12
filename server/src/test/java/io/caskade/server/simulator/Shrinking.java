package io.caskade.server.simulator;

import io.caskade.server.simulator.Injections.Injection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Finds few faults that make a failing seed fail in the same way: leaves out ever smaller parts of those that
/// struck, and keeps leaving out what the failure does not need. This is delta debugging, after Zeller and
/// Hildebrandt, *Simplifying and Isolating Failure-Inducing Input*.
final class Shrinking {

    private static final int MAX_RUNS = 400;

    private Trial best;
    private int runs;

    private Shrinking(Trial failing) {
        best = failing;
    }

    /// Looks for a run that fails in the same way, none of whose faults can be left out alone; if that takes
    /// too long, for one with fewer faults.
    static Trial shrink(Trial failing) {
        if (!failing.fails()) {
            throw new IllegalArgumentException("seed " + failing.seed() + " does not fail");
        }
        Shrinking search = new Shrinking(failing);
        search.search();
        return search.best;
    }

    private void search() {
        int parts = 2;
        int faults = best.struck().size();
        while (faults > 0 && runs < MAX_RUNS) {
            boolean fewer = leaveOneOf(parts);
            faults = best.struck().size();
            if (fewer) {
                parts = Math.max(2, parts - 1);
            } else if (parts >= faults) {
                return;
            } else {
                parts = Math.min(faults, 2 * parts);
            }
        }
    }

    private boolean leaveOneOf(int parts) {
        List<Integer> numbers =
                best.struck().stream().map(Injection::number).distinct().toList();
        int size = Math.max(1, (numbers.size() + parts - 1) / parts);
        for (int from = 0; from < numbers.size() && runs < MAX_RUNS; from += size) {
            Set<Integer> left = new HashSet<>(best.left());
            left.addAll(numbers.subList(from, Math.min(from + size, numbers.size())));
            runs++;
            Trial trial = Trial.of(best.seed(), left, null);
            if (trial.kind().equals(best.kind())
                    && trial.struck().size() < best.struck().size()) {
                best = trial;
                return true;
            }
        }
        return false;
    }
}
