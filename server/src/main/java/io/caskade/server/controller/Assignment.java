package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Which nodes keep which partitions, while a plan is made. Starts from what the image is heading for, and
/// changes as little as it can: each change brings a node closer to its share, and none is taken back.
///
/// A copy is moved only where the racks of its partition stay at least as many as they were.
final class Assignment {

    private final ClusterImage image;

    /// The available nodes, sorted.
    private final NavigableSet<String> usable = new TreeSet<>();

    private final SortedMap<Integer, List<String>> replicas = new TreeMap<>();
    private final Map<String, SortedSet<Integer>> kept = new HashMap<>();

    /// The partitions by the node that they prefer as their leader.
    private final Map<String, SortedSet<Integer>> led = new HashMap<>();

    Assignment(ClusterImage image) {
        this.image = image;
        image.nodes().keySet().stream().filter(image::mayKeepCopies).forEach(usable::add);
        for (Versioned<PartitionState> partition : image.partitions().values()) {
            put(partition.value().id(), partition.value().targetReplicas());
        }
    }

    /// The replicas of a partition, the preferred one first.
    List<String> of(int partition) {
        return replicas.getOrDefault(partition, List.of());
    }

    /// Has a partition kept by these nodes.
    void put(int partition, List<String> next) {
        of(partition).forEach(node -> partitions(kept, node).remove(partition));
        of(partition).stream().limit(1).forEach(node -> partitions(led, node).remove(partition));
        replicas.put(partition, List.copyOf(next));
        next.forEach(node -> partitions(kept, node).add(partition));
        next.stream().limit(1).forEach(node -> partitions(led, node).add(partition));
    }

    private static SortedSet<Integer> partitions(Map<String, SortedSet<Integer>> of, String node) {
        return of.computeIfAbsent(node, _ -> new TreeSet<>());
    }

    private int copies(String node) {
        return partitions(kept, node).size();
    }

    private int leads(String node) {
        return partitions(led, node).size();
    }

    /// Makes each partition have so many copies, none of them on `gone`.
    void fit(int copies, Set<String> gone) {
        for (int partition : List.copyOf(replicas.keySet())) {
            List<String> nodes = new ArrayList<>(of(partition));
            nodes.removeAll(gone);
            while (nodes.size() > copies) {
                nodes.remove(leastNeeded(partition, nodes));
            }
            while (nodes.size() < copies) {
                Optional<String> another = another(nodes);
                if (another.isEmpty()) {
                    break;
                }
                nodes.add(another.get());
            }
            put(partition, nodes);
        }
    }

    /// An available node for one more copy: in an unused rack if there is one, then one that keeps few.
    private Optional<String> another(List<String> others) {
        return usable.stream()
                .filter(node -> !others.contains(node))
                .min(Comparator.<String>comparingInt(node -> -racks(with(node, others)))
                        .thenComparingInt(this::copies)
                        .thenComparing(Comparator.naturalOrder()));
    }

    /// The copy to give up: rather one that is not available or in sync, whose rack another copy has, and on a
    /// node that keeps many; the preferred replica's last.
    private String leastNeeded(int partition, List<String> nodes) {
        PartitionState state = image.partition(partition).orElseThrow().value();
        return nodes.stream()
                .min(Comparator.<String, Boolean>comparing(usable::contains)
                        .thenComparing(node ->
                                state.epoch() > 0 && state.inSyncCopyOf(node).isPresent())
                        .thenComparingInt(node -> -racks(without(node, nodes)))
                        .thenComparing(nodes.getFirst()::equals)
                        .thenComparingInt(node -> -copies(node))
                        .thenComparing(Comparator.reverseOrder()))
                .orElseThrow();
    }

    private static List<String> with(String node, List<String> others) {
        return Stream.concat(others.stream(), Stream.of(node)).toList();
    }

    private static List<String> without(String node, List<String> all) {
        return all.stream().filter(other -> !other.equals(node)).toList();
    }

    /// In how many racks the nodes are; one that is in none counts as alone in its own.
    private int racks(List<String> nodes) {
        Set<String> racks = new HashSet<>();
        int alone = 0;
        for (String node : nodes) {
            String rack = image.node(node).map(NodeInfo::rack).orElse("");
            if (rack.isEmpty()) {
                alone++;
            } else {
                racks.add(rack);
            }
        }
        return racks.size() + alone;
    }

    /// Has partitions with two copies in one rack kept in more racks, as far as `mayTake` has nodes there.
    void spreadOverRacks(Predicate<String> mayTake) {
        for (int partition : List.copyOf(replicas.keySet())) {
            boolean improved = true;
            while (improved) {
                improved = spread(partition, mayTake);
            }
        }
    }

    private boolean spread(int partition, Predicate<String> mayTake) {
        List<String> nodes = of(partition);
        int racks = racks(nodes);
        Comparator<String> fullest = Comparator.comparingInt(this::copies);
        for (String from : nodes.stream().sorted(fullest.reversed()).toList()) {
            Optional<String> to = usable.stream()
                    .filter(node -> mayTake.test(node) && !nodes.contains(node))
                    .filter(node -> racks(replaced(from, node, nodes)) > racks)
                    .min(Comparator.<String>comparingInt(this::copies).thenComparing(Comparator.naturalOrder()));
            if (to.isPresent()) {
                put(partition, replaced(from, to.get(), nodes));
                return true;
            }
        }
        return false;
    }

    private static List<String> replaced(String from, String to, List<String> nodes) {
        return nodes.stream().map(node -> node.equals(from) ? to : node).toList();
    }

    /// Moves copies, one at a time, from nodes that keep many to nodes of `mayTake` that keep at least two
    /// fewer, as long as there are such.
    void levelCopies(Predicate<String> mayTake) {
        boolean moved = true;
        while (moved) {
            moved = moveOneCopy(mayTake);
        }
    }

    private boolean moveOneCopy(Predicate<String> mayTake) {
        Comparator<String> byCopies = Comparator.comparingInt(this::copies);
        List<String> emptiest = usable.stream().filter(mayTake).sorted(byCopies).toList();
        List<String> fullest = usable.stream().sorted(byCopies.reversed()).toList();
        for (String from : fullest) {
            for (String to : emptiest) {
                if (copies(from) - copies(to) < 2) {
                    break;
                }
                Optional<Integer> partition = movable(from, to);
                if (partition.isPresent()) {
                    put(partition.get(), replaced(from, to, of(partition.get())));
                    return true;
                }
            }
        }
        return false;
    }

    /// A partition whose copy may go from one node to the other: rather one of which the first is to lead if
    /// it leads more, and otherwise one of which it is not.
    private Optional<Integer> movable(String from, String to) {
        boolean withLeader = leads(from) - leads(to) >= 2;
        return partitions(kept, from).stream()
                .filter(partition -> !of(partition).contains(to))
                .filter(partition -> racks(replaced(from, to, of(partition))) >= racks(of(partition)))
                .min(Comparator.<Integer, Boolean>comparing(
                                partition -> of(partition).getFirst().equals(from) != withLeader)
                        .thenComparing(Comparator.naturalOrder()));
    }

    /// Has preferred replicas spread evenly, without moving a copy: leads go from node to node, from the ones
    /// that have many to the ones of `mayTake` that have at least two fewer.
    void levelLeaders(Predicate<String> mayTake) {
        boolean moved = true;
        while (moved) {
            moved = moveOneLeader(mayTake);
        }
    }

    private boolean moveOneLeader(Predicate<String> mayTake) {
        Comparator<String> byLeads = Comparator.comparingInt(this::leads);
        for (String from : usable.stream().sorted(byLeads.reversed()).toList()) {
            Map<String, Integer> cameBy = reachable(from);
            Optional<String> to = cameBy.keySet().stream()
                    .filter(node -> mayTake.test(node) && leads(from) - leads(node) >= 2)
                    .min(byLeads.thenComparing(Comparator.naturalOrder()));
            if (to.isPresent()) {
                passLead(from, to.get(), cameBy);
                return true;
            }
        }
        return false;
    }

    /// The nodes to which a node can pass a lead, over others that pass one on in turn, each with the partition
    /// whose lead it would get.
    private Map<String, Integer> reachable(String from) {
        Map<String, Integer> cameBy = new HashMap<>();
        Deque<String> next = new ArrayDeque<>(List.of(from));
        while (!next.isEmpty()) {
            String node = next.removeFirst();
            for (int partition : partitions(led, node)) {
                for (String other : of(partition)) {
                    boolean isNew = usable.contains(other) && !other.equals(from) && !cameBy.containsKey(other);
                    if (isNew) {
                        cameBy.put(other, partition);
                        next.addLast(other);
                    }
                }
            }
        }
        return cameBy;
    }

    private void passLead(String from, String to, Map<String, Integer> cameBy) {
        String node = to;
        while (!node.equals(from)) {
            int partition = Objects.requireNonNull(cameBy.get(node));
            String giver = of(partition).getFirst();
            List<String> order = new ArrayList<>(of(partition));
            order.remove(node);
            order.addFirst(node);
            put(partition, order);
            node = giver;
        }
    }
}
