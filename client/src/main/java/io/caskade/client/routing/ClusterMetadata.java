package io.caskade.client.routing;

import io.caskade.api.v1.ClusterSettings;
import io.caskade.api.v1.NodeRegistration;
import io.caskade.api.v1.PartitionState;
import java.util.List;
import java.util.Optional;

/// Everything ZooKeeper holds about a cluster, as the contract's messages.
///
/// @param settings   what was fixed when the cluster was formed
/// @param controller the id of the node that is the controller; empty when none is known
/// @param nodes      the registered nodes, by id
/// @param partitions the partitions, by number
/// @param draining   the ids of the nodes that are being drained
public record ClusterMetadata(
        ClusterSettings settings,
        Optional<String> controller,
        List<NodeRegistration> nodes,
        List<PartitionState> partitions,
        List<String> draining) {

    /// Copies the lists.
    public ClusterMetadata {
        nodes = List.copyOf(nodes);
        partitions = List.copyOf(partitions);
        draining = List.copyOf(draining);
    }
}
