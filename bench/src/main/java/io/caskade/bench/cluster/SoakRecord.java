package io.caskade.bench.cluster;

import io.caskade.bench.report.ChartFile;
import io.caskade.bench.report.ResourceSample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/// What a soak has measured: finds drift in it, and draws it. For one thread.
final class SoakRecord {

    /// Fewer samples of a node say nothing about drift.
    private static final int MIN_SAMPLES = 40;

    private static final double DRIFT = 1.25;
    private static final double MIB = 1 << 20;
    private static final int WIDTH = 1000;
    private static final int HEIGHT = 300;

    /// A quantity that must not grow.
    ///
    /// @param slack growth that means nothing, whatever it was before
    private record Quantity(String name, String unit, double slack, ToDoubleFunction<ResourceSample> of) {}

    private static final List<Quantity> QUANTITIES = List.of(
            new Quantity("memory", "MiB", 64, sample -> sample.resident() / MIB),
            new Quantity("descriptors", "", 32, ResourceSample::descriptors),
            new Quantity("maps", "", 64, ResourceSample::maps),
            new Quantity("disk", "MiB", 32, sample -> sample.disk() / MIB));

    /// All nodes at one time.
    ///
    /// @param nodes those that were running, by name
    record Line(double seconds, SortedMap<String, ResourceSample> nodes, long operations, double p99Millis) {}

    private final List<Line> lines = new ArrayList<>();

    void add(Line line) {
        lines.add(line);
    }

    /// A line for the terminal.
    static String text(Line line) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT, "%6.0f s %7d ops  p99 %7.1f ms", line.seconds(), line.operations(), line.p99Millis()));
        line.nodes()
                .forEach((node, sample) -> text.append(String.format(
                        Locale.ROOT,
                        "  %s %.0f MiB, %d fds, %d maps, disk %.0f MiB",
                        node,
                        sample.resident() / MIB,
                        sample.descriptors(),
                        sample.maps(),
                        sample.disk() / MIB)));
        return text.toString();
    }

    /// What has grown: the median of each quantity in the last quarter against that in the second.
    List<String> drifts() {
        List<String> drifts = new ArrayList<>();
        series().forEach((node, samples) -> {
            if (samples.size() < MIN_SAMPLES) {
                return;
            }
            int quarter = samples.size() / 4;
            for (Quantity quantity : QUANTITIES) {
                double before = median(samples.subList(quarter, 2 * quarter), quantity);
                double after = median(samples.subList(3 * quarter, samples.size()), quantity);
                if (after > before * DRIFT + quantity.slack()) {
                    drifts.add(String.format(
                            Locale.ROOT,
                            "%s: %s grew from %.0f to %.0f %s",
                            node,
                            quantity.name(),
                            before,
                            after,
                            quantity.unit()));
                }
            }
        });
        return drifts;
    }

    private static double median(List<ResourceSample> samples, Quantity quantity) {
        return samples.stream()
                .mapToDouble(quantity.of())
                .sorted()
                .skip(samples.size() / 2)
                .findFirst()
                .orElseThrow();
    }

    private Map<String, List<ResourceSample>> series() {
        Map<String, List<ResourceSample>> series = new TreeMap<>();
        lines.forEach(line -> line.nodes()
                .forEach((node, sample) ->
                        series.computeIfAbsent(node, _ -> new ArrayList<>()).add(sample)));
        return series;
    }

    /// Draws a chart of each quantity, and of the latency, below each other.
    void draw(Path file) throws IOException {
        List<XYChart> charts = new ArrayList<>();
        for (Quantity quantity : QUANTITIES) {
            XYChart chart = chart(quantity.name(), quantity.unit());
            series().keySet().forEach(node -> {
                List<Line> having = lines.stream()
                        .filter(line -> line.nodes().containsKey(node))
                        .toList();
                add(
                        chart,
                        node,
                        having,
                        line -> quantity.of().applyAsDouble(line.nodes().get(node)));
            });
            charts.add(chart);
        }
        XYChart latency = chart("p99 of all operations", "ms");
        add(latency, "p99", lines, Line::p99Millis);
        charts.add(latency);
        ChartFile.write(charts, file);
    }

    private static XYChart chart(String title, String unit) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle("seconds")
                .yAxisTitle(unit)
                .build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
        chart.getStyler().setYAxisMin(0.0);
        return chart;
    }

    private static void add(XYChart chart, String name, List<Line> lines, ToDoubleFunction<Line> value) {
        double[] seconds = lines.stream().mapToDouble(Line::seconds).toArray();
        if (seconds.length > 0) {
            chart.addSeries(name, seconds, lines.stream().mapToDouble(value).toArray())
                    .setMarker(SeriesMarkers.NONE);
        }
    }
}
