package io.caskade.bench.comparison;

import io.caskade.bench.report.MarkdownTable;
import io.caskade.bench.report.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Shows rows as Markdown tables: the goals, and a table for each unit with a column for each contender. Pure.
public final class ComparisonPage {

    private static final String NONE = "–";
    private static final double FEW = 1000;

    private ComparisonPage() {}

    /// What stands in one table.
    private record Group(String unit, boolean machine) {
        static Group of(Row row) {
            return new Group(row.unit(), row.engine().equals(MachineLimits.MACHINE));
        }
    }

    /// All of it.
    public static String tables(List<Row> rows) {
        StringBuilder text = new StringBuilder(MarkdownTable.of(ComparisonGoals.HEADER, ComparisonGoals.judge(rows)));
        Map<Group, List<Row>> groups =
                rows.stream().collect(Collectors.groupingBy(Group::of, LinkedHashMap::new, Collectors.toList()));
        groups.forEach((group, members) -> text.append('\n').append(table(group.unit(), members)));
        List<String> absent = rows.stream()
                .filter(row -> row.value() == null && !LoadComparison.isPartOfLoad(row.workload()))
                .map(row -> "- " + row.workload() + " of " + row.engine() + ": " + row.absent())
                .toList();
        if (!absent.isEmpty()) {
            text.append("\nWithout a figure:\n\n")
                    .append(String.join("\n", absent))
                    .append('\n');
        }
        return text.toString();
    }

    private static String table(String unit, List<Row> rows) {
        Set<String> contenders = rows.stream().map(Row::engine).collect(Collectors.toCollection(LinkedHashSet::new));
        Map<String, Map<String, Row>> byWorkload = new LinkedHashMap<>();
        rows.forEach(row -> byWorkload
                .computeIfAbsent(row.workload(), _ -> new LinkedHashMap<>())
                .put(row.engine(), row));
        List<String> header = new ArrayList<>(List.of(unit));
        header.addAll(contenders);
        List<List<String>> lines = new ArrayList<>();
        byWorkload.forEach((workload, byContender) -> {
            List<String> line = new ArrayList<>(List.of(workload));
            contenders.forEach(contender -> line.add(cell(byContender.get(contender))));
            lines.add(line);
        });
        return MarkdownTable.of(header, lines);
    }

    private static String cell(@Nullable Row row) {
        Double value = row == null ? null : row.value();
        return value == null ? NONE : number(value);
    }

    /// A figure with a sensible number of digits.
    static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < FEW
                ? Long.toString(Math.round(value))
                : MarkdownTable.number(value);
    }
}
