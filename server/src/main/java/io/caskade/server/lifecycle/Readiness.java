package io.caskade.server.lifecycle;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.Coordinator;
import java.util.function.Consumer;

/// Reports whether all copies assigned to a node are in sync, after every change of the cluster. Called by
/// the coordinator's thread.
public final class Readiness implements Coordinator.Observer {

    private final String node;
    private final Consumer<Boolean> inSync;

    /// @param inSync called after every change; must not block
    public Readiness(String node, Consumer<Boolean> inSync) {
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
