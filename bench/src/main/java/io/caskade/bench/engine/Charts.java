package io.caskade.bench.engine;

import io.caskade.bench.report.ChartFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler;

/// Draws the figures side by side.
final class Charts {

    private static final int WIDTH = 900;
    private static final int HEIGHT = 420;

    /// What stands for nothing where 0 has no place.
    private static final double MIN_SHOWN = 1e-4;

    private Charts() {}

    /// Writes the charts into a directory.
    static void write(Results results, Path directory) throws IOException {
        write(
                results,
                "Reads, no misses, in memory",
                "op/s",
                directory,
                "reads.png",
                false,
                List.of("read-1", "read-2", "read-zipf-1", "read-zipf-2"));
        write(
                results,
                "Writes without fsync, and 50/50 mixes",
                "op/s",
                directory,
                "writes.png",
                false,
                List.of("fill", "mix-1", "mix-2"));
        write(
                results,
                "Writes with an fsync each, 1 and 16 threads",
                "op/s",
                directory,
                "synced-writes.png",
                false,
                List.of("fill-fsync-1", "fill-fsync-16"));
        write(
                results,
                "Opening a store (logarithmic)",
                "seconds",
                directory,
                "reopen.png",
                true,
                List.of("reopen-clean", "reopen-killed"));
        write(
                results,
                "Latency of paced puts (logarithmic)",
                "µs",
                directory,
                "latency.png",
                true,
                List.of("put-latency-p50", "put-latency-p99", "put-latency-p999"));
    }

    private static void write(
            Results results,
            String title,
            String unit,
            Path directory,
            String file,
            boolean logarithmic,
            List<String> workloads)
            throws IOException {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .yAxisTitle(unit)
                .build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
        chart.getStyler().setYAxisLogarithmic(logarithmic);
        if (logarithmic) {
            chart.getStyler().setYAxisMin(MIN_SHOWN);
        }
        for (EngineKind kind : EngineKind.values()) {
            List<Double> values = new ArrayList<>();
            for (String workload : workloads) {
                values.add(Math.max(results.value(workload, kind.id()).orElse(0), logarithmic ? MIN_SHOWN : 0));
            }
            chart.addSeries(kind.id(), workloads, values);
        }
        ChartFile.write(List.of(chart), directory.resolve(file));
    }
}
