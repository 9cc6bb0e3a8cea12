package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.util.List;
import java.util.function.Predicate;

/// The progress of draining a node. A drain is requested by a mark, see
/// [Coordinator][io.caskade.server.cluster.Coordinator#setDraining]; the controller then moves the node's
/// leaderships and copies to other nodes.
///
/// @param leading the partitions it leads
/// @param remaining the partitions it keeps copies of
/// @param unplaceable those of them for which no other node can take a copy
public record NodeDrain(List<Integer> leading, List<Integer> remaining, List<Integer> unplaceable) {

    /// Copies the lists.
    public NodeDrain {
        leading = List.copyOf(leading);
        remaining = List.copyOf(remaining);
        unplaceable = List.copyOf(unplaceable);
    }

    /// The progress of a node, marked or not: for an unmarked node, what a drain would have to do.
    public static NodeDrain of(ClusterImage image, String node) {
        Predicate<PartitionState> leading = state -> {
            NodeIncarnation leader = state.leader();
            return leader != null && leader.node().equals(node);
        };
        return new NodeDrain(
                partitions(image, leading),
                partitions(image, state -> state.isReplica(node)),
                partitions(image, state -> state.isStaying(node) && !hasRoomElsewhere(image, state, node)));
    }

    private static boolean hasRoomElsewhere(ClusterImage image, PartitionState state, String node) {
        return image.nodes().keySet().stream()
                .anyMatch(other -> !other.equals(node)
                        && image.mayKeepCopies(other)
                        && !state.targetReplicas().contains(other));
    }

    private static List<Integer> partitions(ClusterImage image, Predicate<PartitionState> which) {
        return image.partitions().values().stream()
                .map(Versioned::value)
                .filter(which)
                .map(PartitionState::id)
                .toList();
    }

    /// Whether the node may be shut down: it leads nothing and keeps no copy that another node could take.
    public boolean isComplete() {
        return leading.isEmpty() && unplaceable.containsAll(remaining);
    }
}
