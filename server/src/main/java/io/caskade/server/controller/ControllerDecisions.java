package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.PartitionState;
import java.util.List;
import java.util.stream.IntStream;

/// What the controller does, as a pure function of what is known. Carrying out all that is decided, or only some
/// of it, leads to an image from which the rest is decided again, by this controller or by the next.
public final class ControllerDecisions {

    private ControllerDecisions() {}

    /// What is to be done now, most urgent first; empty when the cluster is as it should be.
    ///
    /// Partitions are created once as many nodes are registered as each is to have copies: a partition that started
    /// with fewer would promise less than was asked for. The copies of partition `p` go to the nodes `p`, `p + 1`,
    /// … in the order of their ids, round and round, which spreads both copies and preferred leaders evenly.
    public static List<Decision> next(ClusterImage image, Placement placement) {
        List<String> nodes = List.copyOf(image.nodes().keySet());
        if (nodes.size() < placement.replicationFactor()) {
            return List.of();
        }
        return IntStream.range(0, image.settings().partitions())
                .filter(id -> image.partition(id).isEmpty())
                .mapToObj(id -> create(id, nodes, placement))
                .toList();
    }

    private static Decision create(int id, List<String> nodes, Placement placement) {
        List<String> replicas = IntStream.range(0, placement.replicationFactor())
                .mapToObj(copy -> nodes.get((id + copy) % nodes.size()))
                .toList();
        return new Decision.CreatePartition(PartitionState.unled(id, replicas, placement.minInSync()));
    }
}
