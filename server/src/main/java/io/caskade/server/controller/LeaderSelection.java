package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Chooses the leader of a partition.
final class LeaderSelection {

    private LeaderSelection() {}

    /// Elects for a partition whose leader's process is not registered, or which has none: of the copies in
    /// sync the first in the order of preference whose node is registered. Any of them has all that was
    /// committed, and the rules for new leaders keep it from answering beside an old one that lives on without
    /// its session.
    ///
    /// Followers that hear nothing elect one of themselves sooner; this is for those who cannot, because the
    /// leader was handed to a process that died, or no other node can be reached.
    static Optional<PartitionState> elect(ClusterImage image, Observations observations, PartitionState state) {
        NodeIncarnation leader = state.leader();
        boolean leaderRecentlyLost = leader != null && observations.recentlyLostNodes().contains(leader.node());
        if (state.epoch() == 0 || image.leaderOf(state.id()).isPresent() || leaderRecentlyLost) {
            return Optional.empty();
        }
        return electable(image, state).stream()
                .findFirst()
                .map(node -> state.withLeadership(
                        new NodeIncarnation(node.id(), node.incarnation()), state.epoch() + 1, state.isr()));
    }

    /// Takes back that a node is to lead next which is gone, or is to go. One that is not in sync any more the
    /// leader has forgotten itself.
    static Optional<PartitionState> withdrawSuccessor(ClusterImage image, PartitionState state) {
        String successor = state.successor();
        return successor == null || isPreferable(image, state, successor)
                ? Optional.empty()
                : Optional.of(state.withSuccessor(null));
    }

    /// Names who is to lead next, if the leader is to go or another is preferred. A preferred one waits until
    /// the leader has led for a while, so that one that fails again and again is not given the lead each time.
    static Optional<PartitionState> nameSuccessor(
            ClusterImage image, Policy policy, Observations observations, PartitionState state) {
        NodeIncarnation leader = state.leader();
        if (leader == null
                || state.successor() != null
                || image.leaderOf(state.id()).isEmpty()) {
            return Optional.empty();
        }
        Stream<String> fit = electable(image, state).stream()
                .map(NodeInfo::id)
                .filter(node -> isPreferable(image, state, node) && !node.equals(leader.node()));
        boolean mustGo = image.draining().contains(leader.node()) || Reassignment.awaitsLeader(state);
        if (mustGo) {
            return fit.findFirst().map(state::withSuccessor);
        }
        boolean mayGo = policy.balanceLeaders() && observations.stablePartitions().contains(state.id());
        Optional<String> preferred = state.targetReplicas().stream()
                .filter(node -> !image.draining().contains(node))
                .findFirst();
        return fit.filter(node -> mayGo && preferred.equals(Optional.of(node)))
                .findFirst()
                .map(state::withSuccessor);
    }

    /// Whose copies are in sync and who is there to lead, the most preferred first, those that are to go last.
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
