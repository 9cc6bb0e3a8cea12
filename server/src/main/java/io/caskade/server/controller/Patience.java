package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.Leader;
import io.caskade.server.cluster.NodeInfo;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Since when nodes are gone and leaders lead, as far as one process has seen. Every node keeps count, elected or
/// not, so that a new controller need not begin anew; one that has just started does, which costs time only.
final class Patience {

    private record Reign(Leader leader, int epoch, long since) {}

    private final Map<String, Long> goneSince = new HashMap<>();
    private final Map<Integer, Reign> reigns = new HashMap<>();

    /// Takes in how the cluster is at a time, in milliseconds that never go back.
    void see(ClusterImage image, long now) {
        Set<String> keepers = keepers(image);
        goneSince
                .keySet()
                .removeIf(node -> !keepers.contains(node) || image.node(node).isPresent());
        keepers.stream().filter(node -> image.node(node).isEmpty()).forEach(node -> goneSince.putIfAbsent(node, now));
        reigns.keySet().removeIf(id -> image.leaderOf(id).isEmpty());
        image.partitions()
                .forEach((id, partition) -> image.leaderOf(id).ifPresent(node -> {
                    int epoch = partition.value().epoch();
                    reigns.merge(
                            id,
                            new Reign(process(node), epoch, now),
                            (known, seen) ->
                                    known.epoch() == epoch && known.leader().equals(seen.leader()) ? known : seen);
                }));
    }

    private static Leader process(NodeInfo node) {
        return new Leader(node.id(), node.incarnation());
    }

    private static Set<String> keepers(ClusterImage image) {
        Set<String> keepers = new TreeSet<>();
        image.partitions().values().forEach(partition -> {
            keepers.addAll(partition.value().replicas());
            keepers.addAll(partition.value().target());
        });
        return keepers;
    }

    /// What has lasted until now for as long as the policy asks for.
    Observed observed(Policy policy, long now) {
        Set<String> lost = policy.replaceAfterMillis() == 0
                ? Set.of()
                : goneSince.entrySet().stream()
                        .filter(gone -> now - gone.getValue() >= policy.replaceAfterMillis())
                        .map(Map.Entry::getKey)
                        .collect(Collectors.toUnmodifiableSet());
        Set<Integer> calm = reigns.entrySet().stream()
                .filter(reign -> now - reign.getValue().since() >= policy.calmMillis())
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
        Set<String> missed = goneSince.entrySet().stream()
                .filter(gone -> now - gone.getValue() < policy.absenceMillis())
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
        return new Observed(lost, calm, missed);
    }
}
