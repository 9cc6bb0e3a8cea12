package io.caskade.bench.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Shows what was measured as Markdown tables, which read well on a terminal too.
final class Report {

    static final String BEGIN = "<!-- figures: written by make bench-engine -->";
    static final String END = "<!-- end of figures -->";

    private static final String NONE = "–";

    private Report() {}

    /// Goals and figures.
    static String tables(Results results, Plan plan) {
        List<String> header = new ArrayList<>(List.of("workload", "unit"));
        for (EngineKind kind : EngineKind.values()) {
            header.add(kind.id());
        }
        header.add("caskade/rocksdb");
        header.add("caskade/lmdb");
        List<List<String>> figures = new ArrayList<>();
        byWorkload(results.rows()).forEach((workload, rows) -> figures.add(line(workload, rows)));
        List<List<String>> goals = Goals.judge(results, plan).stream()
                .map(goal -> List.of(goal.text(), goal.measured(), goal.verdict()))
                .toList();
        return table(List.of("goal", "measured", "verdict"), goals) + "\n" + table(header, figures);
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

    /// A page with what stands between the two markers replaced.
    ///
    /// @throws IllegalArgumentException when the page does not have them
    static String insert(String page, String figures) {
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("the page has no place for figures: " + BEGIN + " … " + END);
        }
        return page.substring(0, begin + BEGIN.length()) + "\n\n" + figures.strip() + "\n\n" + page.substring(end);
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
            cells.add(Double.isNaN(value) ? NONE : number(value));
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

    private static String number(double value) {
        if (value < 1) {
            return String.format(Locale.ROOT, "%.4f", value);
        }
        return value < 1000 ? String.format(Locale.ROOT, "%.1f", value) : String.format(Locale.ROOT, "%,.0f", value);
    }

    private static String table(List<String> header, List<List<String>> lines) {
        int[] widths = new int[header.size()];
        for (int column = 0; column < widths.length; column++) {
            widths[column] = header.get(column).length();
            for (List<String> line : lines) {
                widths[column] = Math.max(widths[column], line.get(column).length());
            }
        }
        StringBuilder text = new StringBuilder();
        append(text, header, widths);
        for (int width : widths) {
            text.append("|-").append("-".repeat(width)).append('-');
        }
        text.append("|\n");
        lines.forEach(line -> append(text, line, widths));
        return text.toString();
    }

    private static void append(StringBuilder text, List<String> cells, int[] widths) {
        for (int column = 0; column < widths.length; column++) {
            String cell = cells.get(column);
            text.append("| ").append(cell).append(" ".repeat(widths[column] - cell.length() + 1));
        }
        text.append("|\n");
    }
}
