package io.caskade.bench.comparison;

import io.caskade.bench.report.ChartFile;
import io.caskade.bench.report.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler;

/// Draws throughput by protocol and peer.
public final class ComparisonChart {

    private static final int WIDTH = 900;
    private static final int HEIGHT = 420;

    private ComparisonChart() {}

    /// Writes a chart for each kind of load that was measured, below each other, as a PNG file.
    ///
    /// @return whether there was anything to draw
    public static boolean write(List<Row> rows, Path file) throws IOException {
        List<CategoryChart> charts = new ArrayList<>();
        add(charts, rows, "one-node-get", "One node: gets");
        add(charts, rows, "one-node-put", "One node: puts, each on the disk");
        add(charts, rows, "three-nodes-get", "Three nodes: gets");
        add(charts, rows, "three-nodes-put", "Three nodes: puts, each on three disks");
        if (charts.isEmpty()) {
            return false;
        }
        ChartFile.write(charts, file);
        return true;
    }

    private static void add(List<CategoryChart> charts, List<Row> rows, String start, String title) {
        Map<String, Map<String, Double>> byContender = new LinkedHashMap<>();
        Set<String> shapes = new LinkedHashSet<>();
        for (Row row : rows) {
            String shape =
                    row.workload().startsWith(start + "-") ? row.workload().substring(start.length() + 1) : "";
            Double value = row.value();
            if (shape.matches("\\d+(x\\d+)?") && value != null) {
                shapes.add(shape);
                byContender
                        .computeIfAbsent(row.engine(), _ -> new LinkedHashMap<>())
                        .put(shape, value);
            }
        }
        if (shapes.isEmpty()) {
            return;
        }
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle("connections x requests in flight on each")
                .yAxisTitle("op/s")
                .build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
        List<String> categories = List.copyOf(shapes);
        byContender.forEach((contender, values) -> chart.addSeries(
                contender,
                categories,
                categories.stream()
                        .map(shape -> values.getOrDefault(shape, 0.0))
                        .toList()));
        charts.add(chart);
    }
}
