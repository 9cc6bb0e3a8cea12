package io.caskade.server.simulator;

import java.util.Map;
import java.util.TreeMap;

/// Counts what runs have come by: faults, transitions, events worth having seen.
final class Coverage {

    private final Map<String, Long> counts = new TreeMap<>();

    void reached(String what) {
        counts.merge(what, 1L, Long::sum);
    }

    void add(Coverage other) {
        other.counts.forEach((what, count) -> counts.merge(what, count, Long::sum));
    }

    Map<String, Long> counts() {
        return counts;
    }

    @Override
    public String toString() {
        StringBuilder table = new StringBuilder();
        counts.forEach((what, count) -> table.append(String.format("%10d  %s%n", count, what)));
        return table.toString();
    }
}
