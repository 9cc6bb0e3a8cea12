package io.caskade.cli.output;

import io.caskade.cli.output.Table.Cell;
import io.caskade.client.ClusterStatus;
import io.caskade.client.ClusterStatus.NodeState;
import io.caskade.client.ClusterView;
import io.caskade.client.ClusterView.Node;
import io.caskade.client.ClusterView.Partition;
import java.util.ArrayList;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Formats a cluster as human-readable text: a summary line, its nodes and its partitions. Pure.
final class ClusterText {

    private static final String NOTHING = "-";

    private final ClusterStatus status;
    private final ClusterView view;
    private final Style style;

    ClusterText(ClusterStatus status, Style style) {
        this.status = status;
        this.view = status.view();
        this.style = style;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("cluster " + view.id() + ", controller " + view.controller().orElse("unknown"));
        lines.add(summary());
        lines.add("");
        lines.addAll(nodes().lines());
        lines.add("");
        lines.addAll(partitions().lines());
        lines.addAll(problems());
        return lines;
    }

    private String summary() {
        List<Partition> all = view.partitions();
        long unled = all.stream().filter(partition -> !isLed(partition)).count();
        long unwritable = all.stream()
                .filter(partition -> partition.inSync().size() < partition.minInSync())
                .count();
        long lacking = all.stream()
                .filter(partition ->
                        partition.inSync().size() < partition.replicas().size())
                .count();
        if (unled == 0 && lacking == 0) {
            String healthy = count(all.size(), "partition") + ", all with a leader";
            return isReplicated(all)
                    ? style.success(healthy + " and " + copies(all) + " each, all in sync")
                    : style.warning(healthy + " and only " + copies(all) + " each");
        }
        List<String> wrong = new ArrayList<>();
        if (unled > 0) {
            wrong.add(unled + " without a leader");
        }
        if (unwritable > 0) {
            wrong.add(unwritable + " with too few copies in sync to accept writes");
        }
        if (lacking > 0) {
            wrong.add(lacking + " with copies not in sync");
        }
        String text = count(all.size(), "partition") + ", " + String.join(", ", wrong);
        return unled + unwritable > 0 ? style.error(text) : style.warning(text);
    }

    private static boolean isReplicated(List<Partition> all) {
        return all.stream().allMatch(partition -> partition.replicas().size() > 1);
    }

    /// How many copies the partitions have: a number, or a range.
    private static String copies(List<Partition> all) {
        IntSummaryStatistics copies =
                all.stream().mapToInt(partition -> partition.replicas().size()).summaryStatistics();
        String most = copies.getMax() == 1 ? "1 copy" : copies.getMax() + " copies";
        return copies.getMin() == copies.getMax() ? most : copies.getMin() + " to " + most;
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private Table nodes() {
        Table table =
                new Table(style, "NODE", "STATE", "LEADS", "COPIES", "VERSION", "GRPC", "REPLICATION", "RESP", "HTTP");
        SortedSet<String> ids = view.nodes().stream().map(Node::id).collect(Collectors.toCollection(TreeSet::new));
        view.partitions().forEach(partition -> ids.addAll(partition.replicas()));
        for (String id : ids) {
            Optional<Node> node = view.node(id);
            table.row(
                    Cell.of(id),
                    state(id),
                    Cell.of(leads(id)),
                    Cell.of(copies(id)),
                    Cell.of(node.map(Node::version).orElse(NOTHING)),
                    Cell.of(shown(node.flatMap(Node::grpc))),
                    Cell.of(shown(node.flatMap(Node::replication))),
                    Cell.of(shown(node.flatMap(Node::resp))),
                    Cell.of(shown(node.flatMap(Node::http))));
        }
        return table;
    }

    private Cell state(String node) {
        Cell state = state(status.state(node));
        return view.draining().contains(node) ? new Cell(state.text() + ", draining", state.style()) : state;
    }

    private Cell state(NodeState nodeState) {
        return switch (nodeState) {
            case IN_SYNC -> new Cell("in sync", style::success);
            case SLOWED -> new Cell("slows puts", style::warning);
            case CATCHING_UP -> new Cell("catching up", style::warning);
            case DISK_FULL -> new Cell("disk full", style::error);
            case IMPAIRED -> new Cell("impaired", style::error);
            case UNRESPONSIVE -> new Cell("no answer", style::error);
            case OFFLINE -> new Cell("offline", style::error);
        };
    }

    private long leads(String node) {
        return view.partitions().stream()
                .filter(partition -> partition.isLedBy(node))
                .count();
    }

    private long copies(String node) {
        return view.partitions().stream()
                .filter(partition -> partition.replicas().contains(node))
                .count();
    }

    private static String shown(Optional<ClusterView.Endpoint> endpoint) {
        return endpoint.map(ClusterView.Endpoint::toString).orElse(NOTHING);
    }

    private Table partitions() {
        Table table = new Table(
                style, "PARTITION", "LEADER", "EPOCH", "IN SYNC", "REPLICAS", "MIN IN SYNC", "RECORDS BEHIND");
        for (Partition partition : view.partitions()) {
            table.row(
                    Cell.of(partition.id()),
                    leader(partition),
                    Cell.of(partition.epoch()),
                    inSync(partition),
                    Cell.of(replicas(partition)),
                    Cell.of(partition.minInSync()),
                    Cell.of(behind(partition)));
        }
        return table;
    }

    private boolean isLed(Partition partition) {
        return partition
                .leader()
                .flatMap(leader -> view.node(leader.node())
                        .filter(node -> node.incarnation().equals(leader.incarnation())))
                .isPresent();
    }

    /// The leader's node, and whether that process is offline.
    private Cell leader(Partition partition) {
        return partition
                .leader()
                .map(leader -> isLed(partition)
                        ? Cell.of(leader.node() + next(partition))
                        : new Cell(leader.node() + " (offline)", style::error))
                .orElseGet(() -> new Cell("none", style::error));
    }

    private static String replicas(Partition partition) {
        String now = String.join(",", partition.replicas());
        return partition.target().isEmpty() ? now : now + " to " + String.join(",", partition.target());
    }

    private static String next(Partition partition) {
        return partition.successor().map(node -> " to " + node).orElse("");
    }

    private Cell inSync(Partition partition) {
        String nodes = partition.replicas().stream()
                .filter(partition.inSync()::contains)
                .collect(Collectors.joining(","));
        if (partition.inSync().size() == partition.replicas().size()) {
            return Cell.of(nodes);
        }
        boolean writable = partition.inSync().size() >= partition.minInSync();
        return new Cell(nodes.isEmpty() ? "none" : nodes, writable ? style::warning : style::error);
    }

    /// The copies that are behind the leader's log, and by how many records.
    private String behind(Partition partition) {
        String behind = partition.replicas().stream()
                .flatMap(node -> {
                    OptionalLong lag = status.lag(partition.id(), node);
                    boolean caughtUp = lag.isPresent() && lag.getAsLong() == 0;
                    boolean unknownButInSync =
                            lag.isEmpty() && partition.inSync().contains(node);
                    return caughtUp || unknownButInSync
                            ? Stream.empty()
                            : Stream.of(node + " " + (lag.isPresent() ? Long.toString(lag.getAsLong()) : "?"));
                })
                .collect(Collectors.joining(", "));
        return behind.isEmpty() ? NOTHING : behind;
    }

    private List<String> problems() {
        List<String> problems = new ArrayList<>();
        status.unresponsive().forEach((node, reason) -> problems.add(node + " does not answer: " + reason));
        status.nodes()
                .forEach((node, said) -> said.copies().stream()
                        .filter(copy -> !copy.problem().isEmpty())
                        .forEach(copy ->
                                problems.add(node + ", partition " + copy.partition() + ": " + copy.problem())));
        if (problems.isEmpty()) {
            return List.of();
        }
        List<String> lines = new ArrayList<>(List.of(""));
        problems.stream().sorted().map(style::error).forEach(lines::add);
        return lines;
    }
}
