package io.caskade.bench.cluster;

import io.caskade.bench.comparison.ComparisonChart;
import io.caskade.bench.comparison.ComparisonPage;
import io.caskade.bench.report.PageSection;
import io.caskade.bench.report.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/// Figures that are kept together. Immutable.
///
/// @param results the file they are kept in, unless another is named
/// @param section of the page
/// @param tables shows them
/// @param chart shows them beside the page
record FigurePage(Path results, PageSection section, Function<List<Row>, String> tables, Chart chart) {

    /// Draws figures.
    @FunctionalInterface
    interface Chart {
        /// Writes files.
        ///
        /// @param charts the directory of the page's charts
        /// @return Markdown that shows them; empty when there is nothing to draw
        String draw(List<Row> rows, Path charts) throws IOException;
    }

    /// What is measured through the Java client alone.
    static final FigurePage CLUSTER = new FigurePage(
            Path.of("bench/results/cluster.json"), ClusterPage.FIGURES, ClusterPage::tables, (_, _) -> "");

    /// What is measured beside peers.
    static final FigurePage COMPARISON = new FigurePage(
            Path.of("bench/results/comparison.json"),
            new PageSection(
                    "<!-- figures: written by make bench-cluster, compare -->",
                    "<!-- end of the comparison's figures -->"),
            ComparisonPage::tables,
            FigurePage::drawComparison);

    private static String drawComparison(List<Row> rows, Path charts) throws IOException {
        Path file = charts.resolve("protocols.png");
        return ComparisonChart.write(rows, file)
                ? "\n![throughput by protocol and peer](" + charts.getFileName() + "/" + file.getFileName() + ")\n"
                : "";
    }
}
