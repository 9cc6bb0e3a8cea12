package io.caskade.bench.scale;

import io.caskade.bench.report.MachineFacts;
import io.caskade.bench.report.MarkdownTable;
import io.caskade.bench.report.PageSection;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// `make bench-scale`: measures, prints, and writes the page and its chart.
final class Main {

    private static final Path WORK = Path.of("bench", "target", "scale");
    private static final Path PAGE = Path.of("docs", "scale.md");
    private static final Path CHART = Path.of("docs", "benchmarks", "scale.png");
    private static final PageSection FIGURES =
            new PageSection("<!-- figures: written by make bench-scale -->", "<!-- end of figures -->");

    /// A hundred partitions a node.
    private static final int PARTITIONS_PER_NODE = 100;

    private static final List<Integer> NODES = List.of(10, 30, 100, 300, 1_000);

    private record Size(int nodes, int partitions) {}

    /// A real cluster has at most 1,024 partitions.
    private static final List<Size> WITH_ZOOKEEPER =
            List.of(new Size(3, 64), new Size(3, 256), new Size(3, 1_024), new Size(6, 1_024), new Size(12, 1_024));

    private static final List<Integer> PARTITIONS_OF_A_NODE = List.of(1, 4, 16, 100, 1_000);

    private static final int WARM_UPS = 3;
    private static final double MIB = 1 << 20;

    private Main() {}

    /// Runs in the project's directory.
    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Files.createDirectories(WORK);
        for (int i = 0; i < WARM_UPS; i++) {
            PlanningCost.measure(NODES.get(2), NODES.get(2) * PARTITIONS_PER_NODE);
        }
        List<PlanningCost> planning = new ArrayList<>();
        for (int nodes : NODES) {
            planning.add(PlanningCost.measure(nodes, nodes * PARTITIONS_PER_NODE));
            out.println(planning.getLast());
        }
        List<ZooKeeperTraffic> traffic = new ArrayList<>();
        for (Size size : WITH_ZOOKEEPER) {
            Path directory = Files.createTempDirectory(WORK, "zookeeper");
            traffic.add(ZooKeeperTraffic.measure(size.nodes(), size.partitions(), directory));
            out.println(traffic.getLast());
        }
        List<NodeCost> costs = new ArrayList<>();
        for (int partitions : PARTITIONS_OF_A_NODE) {
            costs.add(NodeCost.measure(
                    partitions, Files.createTempDirectory(WORK, "node").toAbsolutePath()));
            out.println(costs.getLast());
        }
        keep(planning, traffic, costs);
        out.println("wrote " + PAGE + " and " + CHART);
    }

    private static void keep(List<PlanningCost> planning, List<ZooKeeperTraffic> traffic, List<NodeCost> costs)
            throws IOException {
        ScaleChart.write(planning, CHART);
        List<String> text = new ArrayList<>();
        MachineFacts.collect(WORK).forEach(fact -> text.add("- " + fact));
        text.add("");
        text.add(planningTable(planning));
        text.add("![How long the controller computes](benchmarks/scale.png)\n");
        text.add(trafficTable(traffic));
        text.add(nodeTable(costs));
        Files.writeString(PAGE, FIGURES.insert(Files.readString(PAGE), String.join("\n", text)));
    }

    private static String planningTable(List<PlanningCost> planning) {
        return MarkdownTable.of(
                List.of(
                        "nodes",
                        "partitions",
                        "nothing to do",
                        "a node is lost",
                        "elections",
                        "it is replaced",
                        "copies"),
                planning.stream()
                        .map(cost -> List.of(
                                count(cost.nodes()),
                                count(cost.partitions()),
                                MarkdownTable.number(cost.idleMillis()) + " ms",
                                MarkdownTable.number(cost.failoverMillis()) + " ms",
                                count(cost.elections()),
                                MarkdownTable.number(cost.replacementMillis()) + " ms",
                                count(cost.replacements())))
                        .toList());
    }

    private static String trafficTable(List<ZooKeeperTraffic> traffic) {
        return MarkdownTable.of(
                List.of(
                        "nodes",
                        "partitions",
                        "bytes a partition",
                        "watches",
                        "packets of a join",
                        "packets of a failover",
                        "elections",
                        "transactions",
                        "takes"),
                traffic.stream()
                        .map(one -> List.of(
                                count(one.nodes()),
                                count(one.partitions()),
                                count(one.znodeBytes()),
                                count(one.watches()),
                                count(one.joinPackets()),
                                count(one.failoverPackets()),
                                count(one.elections()),
                                count(one.transactions()),
                                MarkdownTable.number(one.failoverMillis()) + " ms"))
                        .toList());
    }

    private static String nodeTable(List<NodeCost> costs) {
        return MarkdownTable.of(
                List.of(
                        "partitions of a node",
                        "serves after",
                        "memory",
                        "open files",
                        "maps",
                        "idle, of one processor"),
                costs.stream()
                        .map(cost -> List.of(
                                count(cost.partitions()),
                                MarkdownTable.number(cost.startMillis()) + " ms",
                                MarkdownTable.number(cost.residentBytes() / MIB) + " MiB",
                                count(cost.descriptors()),
                                count(cost.maps()),
                                MarkdownTable.number(cost.idlePercent()) + " %"))
                        .toList());
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
