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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where figures go. Filled by picocli, read only afterwards.
final class OutputOptions {

    private static final Path SCRATCH = Path.of("bench", "target");

    @Option(
            names = "--results",
            paramLabel = "FILE",
            description = "The file that figures are kept in; those of other measurements stay. Default:"
                    + " bench/results/cluster.json, or comparison.json beside it for compare.")
    private @Nullable Path results;

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
    /// @param figures which they are
    void keep(List<Row> measured, String shape, FigurePage figures, PrintStream out) throws IOException {
        out.println();
        out.println(figures.tables().apply(measured));
        if (dry) {
            return;
        }
        Path file = results == null ? figures.results() : results;
        List<Row> all = merged(kept(file), measured);
        if (file.getParent() != null) {
            Files.createDirectories(file.getParent());
        }
        try (Writer writer = Files.newBufferedWriter(file)) {
            ResultsFile.write(all, writer);
        }
        Files.createDirectories(SCRATCH);
        List<String> lines = new ArrayList<>(List.of("- " + shape));
        MachineFacts.collect(SCRATCH).forEach(fact -> lines.add("- " + fact));
        String text = String.join("\n", lines) + "\n\n" + figures.tables().apply(all)
                + figures.chart().draw(all, page.resolveSibling("benchmarks"));
        Files.writeString(page, figures.section().insert(Files.readString(page), text));
        out.println("wrote " + file + " and " + page);
    }

    private static List<Row> kept(Path file) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        try (Reader reader = Files.newBufferedReader(file)) {
            return ResultsFile.read(reader);
        }
    }

    /// The rows, new figures in the place of old ones.
    static List<Row> merged(List<Row> old, List<Row> measured) {
        List<Row> all = new ArrayList<>(old);
        for (Row row : measured) {
            int at = 0;
            while (at < all.size() && !isSame(all.get(at), row)) {
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

    private static boolean isSame(Row old, Row measured) {
        return old.workload().equals(measured.workload()) && old.engine().equals(measured.engine());
    }
}
