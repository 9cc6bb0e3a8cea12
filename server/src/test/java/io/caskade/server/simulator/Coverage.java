package io.caskade.server.simulator;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Counts what runs have come by: faults, transitions, events worth having seen.
final class Coverage {

    /// What a label begins with, and the heading it is printed under.
    private static final Map<String, String> HEADINGS = new TreeMap<>(Map.of(
            "fault ", "Faults that struck at any time",
            "aimed fault ", "Faults aimed at what a replica was doing",
            "aim ", "What it was doing",
            "role ", "Rows of the table of roles",
            "message ", "Messages",
            "compare-and-set ", "Compare-and-sets",
            "client ", "What clients were told",
            "history ", "Histories of keys",
            "batch ", "Batches"));

    private static final String OTHERS = "Rules and paths";

    private final Map<String, Long> counts = new TreeMap<>();
    private long trials;

    void reached(String what) {
        counts.merge(what, 1L, Long::sum);
    }

    void add(Coverage other) {
        other.counts.forEach((what, count) -> counts.merge(what, count, Long::sum));
        trials++;
    }

    /// How many runs were added.
    long trials() {
        return trials;
    }

    long count(String what) {
        return counts.getOrDefault(what, 0L);
    }

    /// Those that were never come by.
    List<String> missing(Collection<String> expected) {
        return expected.stream().filter(what -> count(what) == 0).sorted().toList();
    }

    @Override
    public String toString() {
        Map<String, StringBuilder> sections = new TreeMap<>();
        counts.forEach((what, count) -> {
            String prefix = HEADINGS.keySet().stream()
                    .filter(what::startsWith)
                    .findFirst()
                    .orElse("");
            String heading = prefix.isEmpty() ? OTHERS : HEADINGS.getOrDefault(prefix, OTHERS);
            sections.computeIfAbsent(heading, _ -> new StringBuilder())
                    .append(String.format(Locale.ROOT, "%10d  %s%n", count, what.substring(prefix.length())));
        });
        StringBuilder table = new StringBuilder();
        sections.forEach((heading, lines) -> table.append(String.format(Locale.ROOT, "%n%s%n%s", heading, lines)));
        return table.toString();
    }
}
