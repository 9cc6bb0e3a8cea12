package io.caskade.bench.scale;

import io.caskade.bench.report.ChartFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;

/// Draws how the controller's computing grows with the cluster.
final class ScaleChart {

    private static final int WIDTH = 900;
    private static final int HEIGHT = 420;

    private ScaleChart() {}

    /// Writes the chart as a PNG file.
    static void write(List<PlanningCost> planning, Path file) throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("The controller's computing, 100 partitions a node (logarithmic)")
                .xAxisTitle("partitions")
                .yAxisTitle("ms")
                .build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setYAxisLogarithmic(true);
        List<Integer> partitions =
                planning.stream().map(PlanningCost::partitions).toList();
        chart.addSeries(
                "a node is lost",
                partitions,
                planning.stream().map(PlanningCost::failoverMillis).toList());
        chart.addSeries(
                "it is replaced",
                partitions,
                planning.stream().map(PlanningCost::replacementMillis).toList());
        chart.addSeries(
                "nothing to do",
                partitions,
                planning.stream().map(PlanningCost::idleMillis).toList());
        ChartFile.write(List.of(chart), file);
    }
}
