package io.caskade.bench.cluster;

import io.caskade.bench.comparison.Comparison;
import io.caskade.bench.comparison.ComparisonPart;
import io.caskade.bench.comparison.ComparisonPlan;
import io.caskade.bench.comparison.ComparisonSchedule;
import io.caskade.bench.comparison.InstalledPeers;
import io.caskade.bench.comparison.LoadShape;
import io.caskade.bench.comparison.OneNode;
import io.caskade.bench.comparison.Progress;
import io.caskade.bench.comparison.Records;
import io.caskade.bench.report.Row;
import io.caskade.settings.SettingsException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Measures Caskade beside the peers that are installed.
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "",
            "All protocols side by side, and the peers that are installed (redis-server, etcd), at the same",
            "durability and number of copies, in turns. Peers, and one node of Caskade, are started on free ports",
            "and ended again.",
            ""
        })
final class CompareCommand implements Callable<Integer> {

    private static final String SHAPES = "1,50,50x16,64,1000";
    private static final String QUICK_SHAPES = "1,50,50x16,64";

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private ProcessOptions running = new ProcessOptions();

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "PART",
            description = "What is measured: ${COMPLETION-CANDIDATES}; several separated by commas. Default: all.")
    private Set<ComparisonPart> only = EnumSet.noneOf(ComparisonPart.class);

    @Option(
            names = "--quick",
            description = "Short measurements, once: at most eight minutes for all, instead of thirty.")
    private boolean quick;

    @Option(
            names = "--in-flight",
            split = ",",
            paramLabel = "N[xP]",
            description = "Loads of three nodes: N connections with P requests in flight on each. Default: " + SHAPES
                    + "; " + QUICK_SHAPES + " with --quick.")
    private List<String> shapes = List.of();

    @Option(names = "--keys", description = "How many keys there are. Default: 100000, or 20000 with --quick.")
    private @Nullable Integer keys;

    @Option(
            names = "--value-bytes",
            defaultValue = "100",
            description = "How long values are. Default: ${DEFAULT-VALUE}.")
    private int valueBytes;

    @Option(names = "--rounds", description = "How often each load is measured; figures are medians. Default: 3, or 1.")
    private @Nullable Integer rounds;

    @Option(
            names = "--warm-up",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            description = "Before each measurement. Default: 1s, or 500ms with --quick.")
    private @Nullable Duration warmup;

    @Option(
            names = "--time",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            description = "How long each load is measured in a round. Default: 3s, or 1s with --quick.")
    private @Nullable Duration time;

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Override
    public Integer call() throws IOException, SettingsException {
        PrintStream out = OutputOptions.out();
        Set<ComparisonPart> parts = only.isEmpty() ? EnumSet.allOf(ComparisonPart.class) : only;
        ComparisonPlan plan = plan();
        ComparisonSchedule schedule = ComparisonSchedule.of(plan, parts, InstalledPeers.find());
        out.println(schedule.describe());
        Progress progress = new Progress(schedule.loads(), out);
        Comparison comparison = new Comparison(plan, progress, out);
        List<Row> rows = new ArrayList<>();
        String shape = "one node of each";
        if (parts.contains(ComparisonPart.LIMITS)) {
            rows.addAll(comparison.limits());
        }
        if (ComparisonPart.needCluster(parts)) {
            shape = measureCluster(parts, comparison, rows, out);
        }
        if (ComparisonPart.needOneNode(parts)) {
            try (OneNode servers = OneNode.start(plan, progress, out)) {
                if (parts.contains(ComparisonPart.ONE_NODE)) {
                    rows.addAll(servers.loads());
                }
                if (parts.contains(ComparisonPart.IDLE)) {
                    rows.addAll(servers.idleConnections());
                }
            }
        }
        output.keep(rows, shape + "; " + plan.describe(), FigurePage.COMPARISON, out);
        return Main.DONE;
    }

    private String measureCluster(Set<ComparisonPart> parts, Comparison comparison, List<Row> rows, PrintStream out)
            throws IOException, SettingsException {
        if (parts.contains(ComparisonPart.COLD) && connection.startsCluster(System.getenv())) {
            comparison.warmUpClient();
        }
        try (MeasuredCluster cluster = connection.open(System.getenv(), out)) {
            List<Long> pids = cluster.pids(running.processes());
            if (parts.contains(ComparisonPart.COLD)) {
                OptionalLong ready = cluster.readyNanos();
                if (ready.isPresent()) {
                    rows.addAll(comparison.cold(cluster.client(), pids, ready.getAsLong()));
                } else {
                    out.println("skipped: cold; the cluster was running already, --own starts another");
                }
            }
            String shape = cluster.shape();
            out.println(shape);
            if (parts.contains(ComparisonPart.THREE_NODES)) {
                rows.addAll(comparison.threeNodes(cluster.client(), pids));
            }
            return shape;
        }
    }

    /// What the options ask for.
    ComparisonPlan plan() {
        return new ComparisonPlan(
                new Records(keys == null ? (quick ? 20_000 : 100_000) : keys, valueBytes),
                shapes().stream().map(LoadShape::parse).toList(),
                rounds == null ? (quick ? 1 : 3) : rounds,
                warmup == null ? (quick ? Duration.ofMillis(500) : Duration.ofSeconds(1)) : warmup,
                time == null ? Duration.ofSeconds(quick ? 1 : 3) : time,
                Duration.ofSeconds(quick ? 30 : 120),
                Duration.ofSeconds(quick ? 5 : 20),
                Path.of("").toAbsolutePath(),
                MeasuredCluster.SCRATCH);
    }

    private List<String> shapes() {
        if (!shapes.isEmpty()) {
            return shapes;
        }
        return Arrays.asList((quick ? QUICK_SHAPES : SHAPES).split(",", -1));
    }
}
