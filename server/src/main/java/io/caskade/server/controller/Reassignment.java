package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.controller.ControllerAction.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Moves a partition's replicas to its target, one step at a time. The partition's state holds everything about
/// a reassignment, so that any controller can take the next step.
///
/// | staying copies | number of replicas | step |
/// |---|---|---|
/// | nothing was ever acknowledged | any | the target becomes the replicas at once |
/// | one is not in sync | any | none: waits for it |
/// | all in sync | more than in the target | a departing one is removed, once it has left the ISR |
/// | all in sync | no more than in the target, and one is missing | one is added, if its node is registered and
/// fills few others |
/// | all in sync | exactly the target | the reassignment is complete |
///
/// So there is at most one copy more than in the target, or than before, and none is removed before its
/// replacement is in sync. The leader removes departing copies from the ISR under the same conditions; a
/// departing leader transfers leadership first.
final class Reassignment {

    private Reassignment() {}

    /// A step and the state after it.
    record Next(Step step, PartitionState state) {}

    /// The next step, if one can be taken now.
    static Optional<Next> next(ClusterImage image, CatchUpLimit limit, PartitionState state) {
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
                .filter(node -> image.node(node).isPresent() && limit.hasRoom(node))
                .findFirst()
                .map(node -> {
                    limit.add(node);
                    return new Next(Step.ADD_REPLICA, with(node, state));
                });
    }

    /// Whether the move only waits for the departing leader.
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
