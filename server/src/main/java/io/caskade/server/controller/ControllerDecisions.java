package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.Leader;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// What the controller does, as a pure function of what is known. Carrying out all that is decided, or only
/// some of it, leads to an image from which the rest is decided again, by this controller or by the next.
public final class ControllerDecisions {

    private ControllerDecisions() {}

    /// What is to be done now, most urgent first; empty when the cluster is as it should be.
    ///
    /// A partition without a leader gets one; then partitions that are missing are created.
    public static List<Decision> next(ClusterImage image, Placement placement) {
        List<Decision> decisions = new ArrayList<>();
        image.partitions().values().forEach(partition -> elect(image, partition).ifPresent(decisions::add));
        decisions.addAll(create(image, placement));
        return List.copyOf(decisions);
    }

    /// Elects for a partition whose leader's process is not registered, or which has none: of the copies in
    /// sync the first in the order of preference whose node is registered. Any of them has all that was
    /// committed, and the rules for new leaders keep it from answering beside an old one that lives on without
    /// its session.
    ///
    /// Followers that hear nothing elect one of themselves sooner; this is for those who cannot, because the
    /// leader was handed to a process that died, or nobody can be heard of.
    private static Optional<Decision> elect(ClusterImage image, Versioned<PartitionState> partition) {
        PartitionState state = partition.value();
        if (state.epoch() == 0 || image.leaderOf(state.id()).isPresent()) {
            return Optional.empty();
        }
        return state.replicas().stream()
                .filter(node -> state.inSyncCopyOf(node).isPresent())
                .flatMap(node -> image.node(node).stream())
                .findFirst()
                .map(node -> state.withLeadership(
                        new Leader(node.id(), node.incarnation()), state.epoch() + 1, state.inSync()))
                .map(next -> new Decision.ElectLeader(next, partition.version()));
    }

    /// Partitions are created once as many nodes are registered as each is to have copies: a partition that
    /// started with fewer would promise less than was asked for. The copies of partition `p` go to the nodes
    /// `p`, `p + 1`, … in the order of their ids, round and round, which spreads both copies and preferred
    /// leaders evenly.
    private static List<Decision> create(ClusterImage image, Placement placement) {
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
