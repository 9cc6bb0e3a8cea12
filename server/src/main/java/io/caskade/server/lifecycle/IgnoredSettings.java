package io.caskade.server.lifecycle;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.SharedSettings;
import io.caskade.server.config.ServerConfig;
import java.util.function.Consumer;

/// Warns, in one line, of the settings in a node's file that do not count, because the cluster has others;
/// again only when those have changed. Called by the coordinator's thread.
public final class IgnoredSettings implements Coordinator.Observer {

    private final int partitions;
    private final SharedSettings own;
    private final Consumer<String> warn;
    private String warned = "";

    /// @param file the node's configuration as in its file
    /// @param warn receives each warning, a line; must not block
    public IgnoredSettings(ServerConfig file, Consumer<String> warn) {
        this.partitions = file.cluster().partitions();
        this.own = SharedConfig.of(file);
        this.warn = warn;
    }

    @Override
    public void imageChanged(ClusterImage image) {
        SharedSettings shared = image.shared();
        if (shared == null) {
            return;
        }
        String differences = SharedConfig.differences(
                        partitions, own, image.settings().partitions(), shared)
                .orElse("");
        if (!differences.isEmpty() && !differences.equals(warned)) {
            warn.accept("this node follows the cluster's settings, from which its file differs: " + differences);
        }
        warned = differences;
    }
}
