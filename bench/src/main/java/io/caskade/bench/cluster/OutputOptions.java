package io.caskade.bench.cluster;

import io.caskade.bench.report.MachineFacts;
import io.caskade.bench.report.ResultsFile;
import io.caskade.bench.report.Row;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/// Where figures go. Filled by picocli, read only afterwards.
final class OutputOptions {

    private static final Path SCRATCH = Path.of("bench", "target");

    @Option(
            names = "--results",
            paramLabel = "FILE",
            defaultValue = "bench/results/cluster.json",
            description =
                    "The file that figures are kept in; those of other measurements stay. Default: ${DEFAULT-VALUE}.")
    private Path results = Path.of("");

    @Option(
            names = "--page",
            paramLabel = "FILE",
            defaultValue = "docs/benchmarks.md",
            description = "The page that shows them. Default: ${DEFAULT-VALUE}.")
    private Path page = Path.of("");

    @Option(names = "--dry", description = "Print the figures and keep none.")
    private boolean dry;

    /// Standard output in UTF-8.
    static PrintStream out() {
        return new PrintStream(System.out, true, StandardCharsets.UTF_8);
    }

    /// Prints figures next to the goals and, unless told otherwise, saves them.
    ///
    /// @param shape of the cluster they are of
    void keep(List<Row> measured, String shape, PrintStream out) throws IOException {
        out.println();
        out.println(ClusterPage.tables(measured));
        if (dry) {
            return;
        }
        List<Row> all = merged(kept(), measured);
        if (results.getParent() != null) {
            Files.createDirectories(results.getParent());
        }
        try (Writer writer = Files.newBufferedWriter(results)) {
            ResultsFile.write(all, writer);
        }
        Files.createDirectories(SCRATCH);
        List<String> lines = new ArrayList<>(List.of("- " + shape));
        MachineFacts.collect(SCRATCH).forEach(fact -> lines.add("- " + fact));
        String figures = String.join("\n", lines) + "\n\n" + ClusterPage.tables(all);
        Files.writeString(page, ClusterPage.FIGURES.insert(Files.readString(page), figures));
        out.println("wrote " + results + " and " + page);
    }

    private List<Row> kept() throws IOException {
        if (!Files.exists(results)) {
            return List.of();
        }
        try (Reader reader = Files.newBufferedReader(results)) {
            return ResultsFile.read(reader);
        }
    }

    /// The rows, new figures in the place of old ones.
    static List<Row> merged(List<Row> old, List<Row> measured) {
        List<Row> all = new ArrayList<>(old);
        for (Row row : measured) {
            int at = 0;
            while (at < all.size() && !all.get(at).workload().equals(row.workload())) {
                at++;
            }
            if (at < all.size()) {
                all.set(at, row);
            } else {
                all.add(row);
            }
        }
        return all;
    }
}
