package io.caskade.bench.engine;

import io.caskade.bench.report.MachineFacts;
import io.caskade.bench.report.ResultsFile;
import io.caskade.bench.report.Row;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// `make bench-engine`: measures, prints, and writes the results, the page and its charts.
final class Main {

    private static final long SEED = 20_260_101;
    private static final Path STORES = Path.of("bench", "target", "stores");
    private static final Path RESULTS = Path.of("bench", "results", "engine.json");
    private static final Path PAGE = Path.of("docs", "benchmarks.md");
    private static final Path CHARTS = Path.of("docs", "benchmarks");

    private static final Map<String, String> SHORT_NAMES =
            Map.of("mix-1", "mix", "memory-per-key-16", "memory-per-key");

    private Main() {}

    /// Runs in the project's directory: `quick` or `full`, and which engines, all when none is named.
    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Plan plan = switch (arguments.length == 0 ? "full" : arguments[0]) {
            case "full" -> Plan.full();
            case "quick" -> Plan.quick();
            default -> throw new IllegalArgumentException(arguments[0] + ": neither full nor quick");
        };
        List<EngineKind> engines = arguments.length > 1
                ? Arrays.stream(arguments).skip(1).map(EngineKind::of).toList()
                : List.of(EngineKind.values());
        long before = System.nanoTime();
        Files.createDirectories(STORES);
        engines = engines.stream().filter(kind -> isAvailable(kind, out)).toList();
        List<String> facts = MachineFacts.collect(STORES);
        facts.forEach(out::println);
        Results results = new EngineBenchmark(plan, engines, STORES, SEED, out).run();
        String tables = Report.tables(results, plan);
        out.println();
        out.println(tables);
        out.print(Report.absences(results.rows()));
        Duration took = Duration.ofNanos(System.nanoTime() - before);
        out.printf(Locale.ROOT, "took %d s%n", took.toSeconds());
        if (engines.size() < EngineKind.values().length) {
            out.println("not all engines were measured: the results are not kept");
            return;
        }
        keep(results, plan, facts, tables);
        out.println("wrote " + RESULTS + ", " + PAGE + " and " + CHARTS);
    }

    /// Whether an engine works on this system: some have parts that are not in Java.
    private static boolean isAvailable(EngineKind kind, PrintStream out) {
        try {
            Path directory = Files.createDirectories(STORES.resolve("try-" + kind.id()));
            kind.open(directory, WriteMode.UNSYNCED).close();
            DiskUsage.remove(directory);
            return true;
        } catch (IOException | RuntimeException | LinkageError e) {
            out.println(kind.id() + " is left out, it does not work here: " + e);
            return false;
        }
    }

    private static void keep(Results results, Plan plan, List<String> facts, String tables) throws IOException {
        List<Row> rows = results.rows();
        Files.createDirectories(RESULTS.resolveSibling("."));
        try (Writer writer = Files.newBufferedWriter(RESULTS)) {
            ResultsFile.write(withShortNames(rows), writer);
        }
        Charts.write(results, CHARTS);
        List<String> text = new ArrayList<>();
        text.add(String.format(
                Locale.ROOT,
                "The **%s** run: %,d keys, %,d for opening, %,d for memory, %,d for space; medians of %d rounds.",
                plan.name(),
                plan.keys(),
                plan.reopenKeys(),
                plan.memoryKeys(),
                plan.spaceKeys(),
                plan.rounds()));
        text.add("");
        facts.forEach(fact -> text.add("- " + fact));
        text.add("");
        text.add(tables);
        text.add("Without a figure:\n");
        text.add(Report.absences(rows));
        Files.writeString(PAGE, Report.FIGURES.insert(Files.readString(PAGE), String.join("\n", text)));
    }

    /// The rows, and once more those that go by a shorter name too.
    private static List<Row> withShortNames(List<Row> rows) {
        List<Row> all = new ArrayList<>(rows);
        for (Row row : rows) {
            String name = SHORT_NAMES.get(row.workload());
            if (name != null) {
                all.add(new Row(name, row.engine(), row.value(), row.unit(), row.absent()));
            }
        }
        return all;
    }
}
