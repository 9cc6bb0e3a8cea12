package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.util.HashMap;
import java.util.Map;

/// Bounds how many copies a node fills at a time because of reassignments, as Kafka's Cruise Control does: each
/// costs its leader and its node bandwidth, and few at a time are done sooner than many at once.
///
/// It counts in the image, and its own permissions, so any controller goes on where another ended. A node that
/// is not registered fills nothing, and holds up no other.
final class CatchUpLimit {

    /// Two, so that one can begin while another only waits to join the ISR.
    static final int COPIES_AT_A_TIME = 2;

    private final Map<String, Integer> filling = new HashMap<>();

    CatchUpLimit(ClusterImage image) {
        for (Versioned<PartitionState> partition : image.partitions().values()) {
            PartitionState state = partition.value();
            if (state.isReassigning() && state.epoch() > 0) {
                state.replicas().stream()
                        .filter(node -> state.isStaying(node)
                                && state.inSyncCopyOf(node).isEmpty()
                                && image.node(node).isPresent())
                        .forEach(this::count);
            }
        }
    }

    private void count(String node) {
        filling.merge(node, 1, Integer::sum);
    }

    /// Whether the node may fill one more copy.
    boolean hasRoom(String node) {
        return filling.getOrDefault(node, 0) < COPIES_AT_A_TIME;
    }

    /// A node is about to fill one more.
    void add(String node) {
        count(node);
    }
}
