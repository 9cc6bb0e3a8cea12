package io.caskade.server;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.Coordinator;
import java.util.function.Consumer;

/// Tells whether all copies that a node is to keep are in sync, whenever the cluster changes. For the coordinator's
/// delivery.
final class Readiness implements Coordinator.Observer {

    private final String node;
    private final Consumer<Boolean> inSync;

    /// @param inSync is told each time; must not block
    Readiness(String node, Consumer<Boolean> inSync) {
        this.node = node;
        this.inSync = inSync;
    }

    @Override
    public void imageChanged(ClusterImage image) {
        boolean formed = image.partitions().size() == image.settings().partitions();
        inSync.accept(formed
                && image.partitions().values().stream()
                        .map(state -> state.value())
                        .allMatch(state -> !state.isReplica(node)
                                || state.inSyncCopyOf(node).isPresent()));
    }
}
