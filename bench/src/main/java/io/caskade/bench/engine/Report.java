package io.caskade.bench.engine;

import io.caskade.bench.report.MarkdownTable;
import io.caskade.bench.report.PageSection;
import io.caskade.bench.report.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Shows what was measured as Markdown tables, which read well on a terminal too.
final class Report {

    /// Where the figures stand in the page.
    static final PageSection FIGURES =
            new PageSection("<!-- figures: written by make bench-engine -->", "<!-- end of figures -->");

    private static final String NONE = "–";

    private Report() {}

    /// EngineGoals and figures.
    static String tables(Results results, Plan plan) {
        List<String> header = new ArrayList<>(List.of("workload", "unit"));
        for (EngineKind kind : EngineKind.values()) {
            header.add(kind.id());
        }
        header.add("caskade/rocksdb");
        header.add("caskade/lmdb");
        List<List<String>> figures = new ArrayList<>();
        byWorkload(results.rows()).forEach((workload, rows) -> figures.add(line(workload, rows)));
        List<List<String>> goals = EngineGoals.judge(results, plan).stream()
                .map(goal -> List.of(goal.text(), goal.measured(), goal.verdict()))
                .toList();
        return MarkdownTable.of(List.of("goal", "measured", "verdict"), goals) + "\n"
                + MarkdownTable.of(header, figures);
    }

    /// Why figures are missing, an item for each.
    static String absences(List<Row> rows) {
        StringBuilder text = new StringBuilder();
        Map<String, List<String>> reasons = new LinkedHashMap<>();
        for (Row row : rows) {
            if (row.value() == null) {
                reasons.computeIfAbsent(row.absent(), reason -> new ArrayList<>())
                        .add(row.workload() + " of " + row.engine());
            }
        }
        reasons.forEach((reason, of) -> text.append("- ")
                .append(String.join(", ", of))
                .append(": ")
                .append(reason)
                .append('\n'));
        return text.toString();
    }

    private static Map<String, List<Row>> byWorkload(List<Row> rows) {
        Map<String, List<Row>> grouped = new LinkedHashMap<>();
        for (Row row : rows) {
            grouped.computeIfAbsent(row.workload(), workload -> new ArrayList<>())
                    .add(row);
        }
        return grouped;
    }

    private static List<String> line(String workload, List<Row> rows) {
        List<String> cells = new ArrayList<>(List.of(workload, rows.getFirst().unit()));
        for (EngineKind kind : EngineKind.values()) {
            double value = value(rows, kind);
            cells.add(Double.isNaN(value) ? NONE : MarkdownTable.number(value));
        }
        double ours = value(rows, EngineKind.CASKADE);
        for (EngineKind peer : List.of(EngineKind.ROCKSDB, EngineKind.LMDB)) {
            double ratio = ours / value(rows, peer);
            cells.add(Double.isFinite(ratio) ? String.format(Locale.ROOT, "%.2f ×", ratio) : NONE);
        }
        return cells;
    }

    private static double value(List<Row> rows, EngineKind kind) {
        for (Row row : rows) {
            Double value = row.value();
            if (row.engine().equals(kind.id()) && value != null) {
                return value;
            }
        }
        return Double.NaN;
    }
}
