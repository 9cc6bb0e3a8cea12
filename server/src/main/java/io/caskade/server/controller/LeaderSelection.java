package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Chooses leaders and successors.
final class LeaderSelection {

    private LeaderSelection() {}

    /// Elects a leader for a partition whose leader is unregistered or missing: the most preferred in-sync copy
    /// whose node is registered. Any in-sync copy has all committed records, and the protocol prevents it from
    /// answering while an old leader without a session still might.
    ///
    /// Followers of a silent leader elect one of themselves sooner. This is for the cases in which they cannot:
    /// the new leader's process died, or too few nodes can reach each other.
    static Optional<PartitionState> elect(ClusterImage image, Observations observations, PartitionState state) {
        NodeIncarnation leader = state.leader();
        boolean leaderRecentlyLost =
                leader != null && observations.recentlyLostNodes().contains(leader.node());
        if (state.epoch() == 0 || image.leaderOf(state.id()).isPresent() || leaderRecentlyLost) {
            return Optional.empty();
        }
        return electable(image, state).stream()
                .findFirst()
                .map(node -> state.withLeadership(
                        new NodeIncarnation(node.id(), node.incarnation()), state.epoch() + 1, state.isr()));
    }

    /// Clears a successor that is unregistered, draining or departing. A successor that left the ISR needs no
    /// action: the leader clears it when it writes the ISR.
    static Optional<PartitionState> withdrawSuccessor(ClusterImage image, PartitionState state) {
        String successor = state.successor();
        return successor == null || isPreferable(image, state, successor)
                ? Optional.empty()
                : Optional.of(state.withSuccessor(null));
    }

    /// Names a successor if the leader departs or is not the preferred replica. The preferred one waits until
    /// the leader has led for a while, so that a node that fails repeatedly does not get leadership back each
    /// time.
    static Optional<PartitionState> nameSuccessor(
            ClusterImage image, Policy policy, Observations observations, PartitionState state) {
        NodeIncarnation leader = state.leader();
        if (leader == null
                || state.successor() != null
                || image.leaderOf(state.id()).isEmpty()) {
            return Optional.empty();
        }
        boolean mustGo = image.draining().contains(leader.node()) || Reassignment.awaitsLeader(state);
        if (mustGo) {
            return successors(image, state, leader).findFirst().map(state::withSuccessor);
        }
        boolean mayGo =
                policy.balanceLeaders() && observations.stablePartitions().contains(state.id());
        Optional<String> preferred = state.targetReplicas().stream()
                .filter(node -> !image.draining().contains(node))
                .findFirst();
        return mayGo && preferred.isPresent() && !preferred.get().equals(leader.node())
                ? successors(image, state, leader)
                        .filter(preferred.get()::equals)
                        .findFirst()
                        .map(state::withSuccessor)
                : Optional.empty();
    }

    /// The nodes that leadership may be transferred to, most preferred first.
    private static Stream<String> successors(ClusterImage image, PartitionState state, NodeIncarnation leader) {
        return electable(image, state).stream()
                .map(NodeInfo::id)
                .filter(node -> isPreferable(image, state, node) && !node.equals(leader.node()));
    }

    /// Registered nodes with an in-sync copy, most preferred first, departing ones last.
    private static List<NodeInfo> electable(ClusterImage image, PartitionState state) {
        return Stream.concat(state.targetReplicas().stream(), state.replicas().stream())
                .distinct()
                .filter(node -> state.inSyncCopyOf(node).isPresent())
                .flatMap(node -> image.node(node).stream())
                .sorted(Comparator.comparing(node -> !isPreferable(image, state, node.id())))
                .toList();
    }

    private static boolean isPreferable(ClusterImage image, PartitionState state, String node) {
        return state.isStaying(node) && image.mayKeepCopies(node);
    }
}
