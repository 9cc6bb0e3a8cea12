package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Places copies on nodes and racks evenly. It counts its own choices, so the choices made for one image are
/// even too.
final class ReplicaPlacer {

    /// The available nodes in ring order, neighbours in different racks as far as possible.
    private final List<NodeInfo> ring;

    private final ClusterImage image;
    private final Map<String, Integer> copies = new HashMap<>();

    ReplicaPlacer(ClusterImage image) {
        this.image = image;
        this.ring = ring(image);
        image.partitions()
                .values()
                .forEach(partition -> assignedNodes(partition.value()).forEach(this::count));
    }

    private static Set<String> assignedNodes(PartitionState state) {
        Set<String> assigned = new LinkedHashSet<>(state.replicas());
        assigned.addAll(state.target());
        return assigned;
    }

    private void count(String node) {
        copies.merge(node, 1, Integer::sum);
    }

    private static List<NodeInfo> ring(ClusterImage image) {
        SortedMap<String, Deque<NodeInfo>> racks = new TreeMap<>();
        image.nodes().values().stream()
                .filter(node -> image.mayKeepCopies(node.id()))
                .forEach(node -> racks.computeIfAbsent(node.rack(), _ -> new ArrayDeque<>())
                        .add(node));
        List<NodeInfo> ring = new ArrayList<>();
        while (!racks.isEmpty()) {
            racks.values().forEach(rack -> ring.add(rack.removeFirst()));
            racks.values().removeIf(Deque::isEmpty);
        }
        return ring;
    }

    /// The number of available nodes.
    int nodes() {
        return ring.size();
    }

    /// The nodes for a new partition. Partition `p` starts at place `p` of the ring, the preferred replica
    /// first, and skips racks that already have a copy while others remain.
    List<String> place(int partition, int howMany) {
        List<String> chosen = new ArrayList<>();
        Set<String> racks = new HashSet<>();
        while (chosen.size() < howMany) {
            NodeInfo next = nextOnRing(partition, node -> !chosen.contains(node.id()) && !sharesRack(node, racks))
                    .or(() -> nextOnRing(partition, node -> !chosen.contains(node.id())))
                    .orElseThrow();
            chosen.add(next.id());
            racks.add(next.rack());
            count(next.id());
        }
        return chosen;
    }

    private Optional<NodeInfo> nextOnRing(int from, Predicate<NodeInfo> condition) {
        for (int i = 0; i < ring.size(); i++) {
            NodeInfo node = ring.get((from + i) % ring.size());
            if (condition.test(node)) {
                return Optional.of(node);
            }
        }
        return Optional.empty();
    }

    /// A node for one more copy of a partition: in an unused rack if there is one, then the one with the fewest
    /// copies; empty when no node is left.
    Optional<String> pickAnother(Collection<String> others) {
        Set<String> racks = others.stream()
                .flatMap(other -> image.node(other).stream())
                .map(NodeInfo::rack)
                .collect(Collectors.toSet());
        Optional<String> chosen = ring.stream()
                .filter(node -> !others.contains(node.id()))
                .min(Comparator.<NodeInfo, Boolean>comparing(node -> sharesRack(node, racks))
                        .thenComparing(node -> copies.getOrDefault(node.id(), 0))
                        .thenComparing(NodeInfo::id))
                .map(NodeInfo::id);
        chosen.ifPresent(this::count);
        return chosen;
    }

    /// A node without a rack shares none.
    private static boolean sharesRack(NodeInfo node, Set<String> racks) {
        return !node.rack().isEmpty() && racks.contains(node.rack());
    }
}
