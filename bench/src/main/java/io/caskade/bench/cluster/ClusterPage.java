package io.caskade.bench.cluster;

import io.caskade.bench.report.MarkdownTable;
import io.caskade.bench.report.PageSection;
import io.caskade.bench.report.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Shows figures as Markdown tables, which read well on a terminal too. Pure.
final class ClusterPage {

    /// Where the figures stand in the page.
    static final PageSection FIGURES =
            new PageSection("<!-- figures: written by make bench-cluster -->", "<!-- end of the cluster's figures -->");

    private static final List<String> LOAD_COLUMNS =
            List.of("", "-p50", "-p99", "-p999", "-max", "-errors", "-unknown");
    private static final List<String> LOAD_HEADER =
            List.of("load", "op/s", "p50 us", "p99 us", "p99.9 us", "max us", "errors", "outcome unknown");

    private ClusterPage() {}

    /// ClusterGoals, loads, and what else was measured.
    static String tables(List<Row> rows) {
        Map<String, Row> byName = new LinkedHashMap<>();
        rows.forEach(row -> byName.put(row.workload(), row));
        List<List<String>> loads = new ArrayList<>();
        List<List<String>> others = new ArrayList<>();
        Map<String, Row> left = new LinkedHashMap<>(byName);
        for (Row row : rows) {
            if (row.unit().equals("op/s") && byName.containsKey(row.workload() + "-p50")) {
                loads.add(load(row.workload(), byName));
                LOAD_COLUMNS.forEach(column -> left.remove(row.workload() + column));
            }
        }
        left.values().forEach(row -> others.add(List.of(row.workload(), number(row), row.unit())));
        StringBuilder text = new StringBuilder(MarkdownTable.of(ClusterGoals.HEADER, ClusterGoals.judge(byName)));
        if (!loads.isEmpty()) {
            text.append('\n').append(MarkdownTable.of(LOAD_HEADER, loads));
        }
        if (!others.isEmpty()) {
            text.append('\n').append(MarkdownTable.of(List.of("figure", "value", "unit"), others));
        }
        return text.toString();
    }

    private static List<String> load(String name, Map<String, Row> rows) {
        List<String> cells = new ArrayList<>(List.of(name));
        for (String column : LOAD_COLUMNS) {
            Row row = rows.get(name + column);
            cells.add(row == null ? "–" : number(row));
        }
        return cells;
    }

    private static String number(Row row) {
        Double value = row.value();
        if (value == null) {
            return "– (" + row.absent() + ")";
        }
        return value == Math.rint(value) && value < 1000
                ? Long.toString(Math.round(value))
                : MarkdownTable.number(value);
    }
}
