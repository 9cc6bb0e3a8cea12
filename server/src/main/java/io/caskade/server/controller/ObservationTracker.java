package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Tracks since when nodes are absent and leaders have led, as far as this process has seen. Every node tracks,
/// so that a new controller need not wait again, unless its process has just started.
final class ObservationTracker {

    private record Tenure(NodeIncarnation leader, int epoch, long since) {}

    private final Map<String, Long> absentSince = new HashMap<>();
    private final Map<Integer, Tenure> tenures = new HashMap<>();

    /// Observes the cluster at a time, in monotonic milliseconds.
    void observe(ClusterImage image, long now) {
        Set<String> assigned = assignedNodes(image);
        absentSince
                .keySet()
                .removeIf(node -> !assigned.contains(node) || image.node(node).isPresent());
        assigned.stream()
                .filter(node -> image.node(node).isEmpty())
                .forEach(node -> absentSince.putIfAbsent(node, now));
        tenures.keySet().removeIf(id -> image.leaderOf(id).isEmpty());
        image.partitions()
                .forEach((id, partition) -> image.leaderOf(id).ifPresent(node -> {
                    int epoch = partition.value().epoch();
                    tenures.merge(
                            id,
                            new Tenure(incarnation(node), epoch, now),
                            (known, seen) ->
                                    known.epoch() == epoch && known.leader().equals(seen.leader()) ? known : seen);
                }));
    }

    private static NodeIncarnation incarnation(NodeInfo node) {
        return new NodeIncarnation(node.id(), node.incarnation());
    }

    private static Set<String> assignedNodes(ClusterImage image) {
        Set<String> assigned = new TreeSet<>();
        image.partitions().values().forEach(partition -> {
            assigned.addAll(partition.value().replicas());
            assigned.addAll(partition.value().target());
        });
        return assigned;
    }

    /// What has lasted until now for as long as the policy requires.
    Observations observations(Policy policy, long now) {
        Set<String> lost = policy.replaceAfterMillis() == 0
                ? Set.of()
                : absentSince.entrySet().stream()
                        .filter(gone -> now - gone.getValue() >= policy.replaceAfterMillis())
                        .map(Map.Entry::getKey)
                        .collect(Collectors.toUnmodifiableSet());
        Set<Integer> stable = tenures.entrySet().stream()
                .filter(tenure -> now - tenure.getValue().since() >= policy.stableLeaderMillis())
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
        Set<String> recentlyLost = absentSince.entrySet().stream()
                .filter(gone -> now - gone.getValue() < policy.absenceMillis())
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
        return new Observations(lost, stable, recentlyLost);
    }
}
