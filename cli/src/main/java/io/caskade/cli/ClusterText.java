package io.caskade.cli;

import io.caskade.cli.Table.Cell;
import io.caskade.client.ClusterStatus;
import io.caskade.client.ClusterStatus.Condition;
import io.caskade.client.ClusterView;
import io.caskade.client.ClusterView.Node;
import io.caskade.client.ClusterView.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A cluster for people: a sentence on how it is, its nodes and its partitions. Pure.
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
        lines.add(sentence());
        lines.add("");
        lines.addAll(nodes().lines());
        lines.add("");
        lines.addAll(partitions().lines());
        lines.addAll(troubles());
        return lines;
    }

    private String sentence() {
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
            return style.good(count(all.size(), "partition") + ", all led, all copies in sync");
        }
        List<String> wrong = new ArrayList<>();
        if (unled > 0) {
            wrong.add(unled + " not led");
        }
        if (unwritable > 0) {
            wrong.add(unwritable + " with too few copies in sync to take writes");
        }
        if (lacking > 0) {
            wrong.add(lacking + " with copies not in sync");
        }
        String text = count(all.size(), "partition") + ", " + String.join(", ", wrong);
        return unled + unwritable > 0 ? style.bad(text) : style.no(text);
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
        Cell state = state(status.condition(node));
        return view.draining().contains(node) ? new Cell(state.text() + ", drained", state.look()) : state;
    }

    private Cell state(Condition condition) {
        return switch (condition) {
            case IN_SYNC -> new Cell("in sync", style::good);
            case CATCHING_UP -> new Cell("catching up", style::no);
            case READ_ONLY -> new Cell("disk full", style::bad);
            case IMPAIRED -> new Cell("impaired", style::bad);
            case SILENT -> new Cell("no answer", style::bad);
            case AWAY -> new Cell("away", style::bad);
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

    /// The leader's node, and whether the process that leads is away.
    private Cell leader(Partition partition) {
        return partition
                .leader()
                .map(leader -> isLed(partition)
                        ? Cell.of(leader.node() + next(partition))
                        : new Cell(leader.node() + " (away)", style::bad))
                .orElseGet(() -> new Cell("none", style::bad));
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
        return new Cell(nodes.isEmpty() ? "none" : nodes, writable ? style::no : style::bad);
    }

    /// The copies that lack something of their leader's log, and how many records.
    private String behind(Partition partition) {
        String behind = partition.replicas().stream()
                .flatMap(node -> {
                    OptionalLong lag = status.lag(partition.id(), node);
                    boolean abreast = lag.isPresent() && lag.getAsLong() == 0;
                    boolean unknownButInSync =
                            lag.isEmpty() && partition.inSync().contains(node);
                    return abreast || unknownButInSync
                            ? Stream.empty()
                            : Stream.of(node + " " + (lag.isPresent() ? Long.toString(lag.getAsLong()) : "?"));
                })
                .collect(Collectors.joining(", "));
        return behind.isEmpty() ? NOTHING : behind;
    }

    private List<String> troubles() {
        List<String> troubles = new ArrayList<>();
        status.silent().forEach((node, reason) -> troubles.add(node + " does not answer: " + reason));
        status.nodes()
                .forEach((node, said) -> said.copies().stream()
                        .filter(copy -> !copy.trouble().isEmpty())
                        .forEach(copy ->
                                troubles.add(node + ", partition " + copy.partition() + ": " + copy.trouble())));
        if (troubles.isEmpty()) {
            return List.of();
        }
        List<String> lines = new ArrayList<>(List.of(""));
        troubles.stream().sorted().map(style::bad).forEach(lines::add);
        return lines;
    }
}
