package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.PartitionState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Replaces lost and draining nodes.
final class ReplicaRepair {

    private ReplicaRepair() {}

    /// The partition with lost or draining nodes replaced in its target; empty when there are none, or no
    /// replacement is available. A partition without a leader must wait: no new replica could catch up.
    static Optional<PartitionState> replaceLost(
            ClusterImage image, Observations observations, ReplicaPlacer placer, PartitionState state) {
        boolean waits = state.epoch() > 0 && image.leaderOf(state.id()).isEmpty();
        if (waits) {
            return Optional.empty();
        }
        List<String> target = replaced(
                state.targetReplicas(),
                node -> observations.lostNodes().contains(node)
                        || image.draining().contains(node),
                placer);
        return target.equals(state.targetReplicas()) ? Optional.empty() : Optional.of(state.withTarget(target));
    }

    /// The nodes with those that are gone replaced, as far as others are available.
    static List<String> replaced(List<String> nodes, Predicate<String> gone, ReplicaPlacer placer) {
        List<String> replaced = new ArrayList<>(nodes);
        for (int i = 0; i < replaced.size(); i++) {
            if (gone.test(replaced.get(i))) {
                int place = i;
                placer.pickAnother(replaced).ifPresent(other -> replaced.set(place, other));
            }
        }
        return replaced;
    }
}
