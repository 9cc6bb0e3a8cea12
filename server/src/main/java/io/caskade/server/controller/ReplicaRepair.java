package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.PartitionState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
        List<String> target = new ArrayList<>(state.targetReplicas());
        for (int i = 0; i < target.size(); i++) {
            String node = target.get(i);
            if (observations.lostNodes().contains(node) || image.draining().contains(node)) {
                int place = i;
                placer.pickAnother(target).ifPresent(other -> target.set(place, other));
            }
        }
        return target.equals(state.targetReplicas()) ? Optional.empty() : Optional.of(state.withTarget(target));
    }
}
