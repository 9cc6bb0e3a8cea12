package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.controller.ControllerAction.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Moves the copies of a partition to where its target says, one step at a time. All there is to know about a
/// move stands in the partition's state, so that any controller can take the next step.
///
/// | copies that are to stay | number of replicas | step |
/// |---|---|---|
/// | nothing was ever acknowledged | any | the target becomes the replicas at once |
/// | one is not in sync | any | none: it is waited for |
/// | all in sync | more than in the target | one that is to go is taken off, once it is not in sync any more |
/// | all in sync | no more than in the target, and one is missing | one is added, if its node is registered |
/// | all in sync | all of the target and no other | the move has ended |
///
/// So there is one copy at most more than the target, or than there were, and none goes before the one that
/// takes its place is in sync. The leader has those that are to go leave the in-sync set, under the same
/// conditions; if the leader itself is to go, it hands over first.
final class Reassignment {

    private Reassignment() {}

    /// A step and the state after it.
    record Next(Step step, PartitionState state) {}

    /// The next step, if one can be taken now.
    static Optional<Next> next(ClusterImage image, PartitionState state) {
        if (!state.isReassigning()) {
            return Optional.empty();
        }
        if (state.epoch() == 0) {
            return Optional.of(finished(state));
        }
        if (!isSettled(state)) {
            return Optional.empty();
        }
        if (hasTooMany(state)) {
            return state.replicas().stream()
                    .filter(node ->
                            !state.isStaying(node) && state.inSyncCopyOf(node).isEmpty())
                    .findFirst()
                    .map(node -> new Next(Step.REMOVE_REPLICA, without(node, state)));
        }
        List<String> missing =
                state.target().stream().filter(node -> !state.isReplica(node)).toList();
        if (missing.isEmpty()) {
            return Optional.of(finished(state));
        }
        return missing.stream()
                .filter(node -> image.node(node).isPresent())
                .findFirst()
                .map(node -> new Next(Step.ADD_REPLICA, with(node, state)));
    }

    /// Whether nothing is left to do but that the leader goes.
    static boolean awaitsLeader(PartitionState state) {
        return state.isReassigning()
                && isSettled(state)
                && hasTooMany(state)
                && state.isr().stream()
                        .filter(copy -> !state.isStaying(copy.node()))
                        .allMatch(copy -> state.leader() != null
                                && copy.node().equals(state.leader().node()));
    }

    private static boolean isSettled(PartitionState state) {
        return state.replicas().stream()
                .filter(state::isStaying)
                .allMatch(node -> state.inSyncCopyOf(node).isPresent());
    }

    private static boolean hasTooMany(PartitionState state) {
        return state.replicas().size() > state.target().size();
    }

    private static Next finished(PartitionState state) {
        return new Next(Step.FINISH_MOVE, state.withReplicas(state.target()).withTarget(List.of()));
    }

    private static PartitionState with(String node, PartitionState state) {
        List<String> replicas = new ArrayList<>(state.replicas());
        replicas.add(node);
        return state.withReplicas(replicas);
    }

    private static PartitionState without(String node, PartitionState state) {
        List<String> replicas = new ArrayList<>(state.replicas());
        replicas.remove(node);
        return state.withReplicas(replicas);
    }
}
