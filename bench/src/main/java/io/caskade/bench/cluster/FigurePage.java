package io.caskade.bench.cluster;

import io.caskade.bench.comparison.ComparisonPage;
import io.caskade.bench.report.PageSection;
import io.caskade.bench.report.Row;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/// Figures that are kept together. Immutable.
///
/// @param results the file they are kept in, unless another is named
/// @param section of the page
/// @param tables shows them
record FigurePage(Path results, PageSection section, Function<List<Row>, String> tables) {

    /// What is measured through the Java client alone.
    static final FigurePage CLUSTER =
            new FigurePage(Path.of("bench/results/cluster.json"), ClusterPage.FIGURES, ClusterPage::tables);

    /// What is measured beside peers.
    static final FigurePage COMPARISON = new FigurePage(
            Path.of("bench/results/comparison.json"),
            new PageSection(
                    "<!-- figures: written by make bench-cluster, compare -->",
                    "<!-- end of the comparison's figures -->"),
            ComparisonPage::tables);
}
