package io.caskade.server.lifecycle;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.config.ClusterConfig;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/// Warns of each setting of a node that does not count, because the cluster was formed with another value.
/// Warns of each once. Called by the coordinator's thread.
public final class IgnoredSettings implements Coordinator.Observer {

    private final ClusterConfig config;
    private final Consumer<String> warn;
    private final Set<String> warned = new HashSet<>();

    /// @param warn receives each warning, a line; must not block
    public IgnoredSettings(ClusterConfig config, Consumer<String> warn) {
        this.config = config;
        this.warn = warn;
    }

    @Override
    public void imageChanged(ClusterImage image) {
        int partitions = image.settings().partitions();
        if (partitions != config.partitions()) {
            warnOnce(
                    "cluster.partitions",
                    config.partitions(),
                    "the cluster was formed with " + partitions + " partitions, which no command changes");
        }
        if (image.partitions().size() < partitions) {
            return;
        }
        differing(image, state -> state.targetReplicas().size(), config.replicationFactor())
                .ifPresent(found -> warnOnce(
                        "cluster.replication-factor",
                        config.replicationFactor(),
                        "each partition was created with " + found + ", which no command changes"));
        differing(image, PartitionState::minInSync, config.minInsync())
                .ifPresent(found -> warnOnce(
                        "cluster.min-insync",
                        config.minInsync(),
                        "each partition was created with " + found + ", which no command changes"));
    }

    /// The values that the partitions have, if they are not all as configured.
    private static Optional<String> differing(ClusterImage image, ToIntFunction<PartitionState> value, int configured) {
        List<Integer> found = image.partitions().values().stream()
                .map(state -> value.applyAsInt(state.value()))
                .distinct()
                .sorted()
                .toList();
        return found.equals(List.of(configured))
                ? Optional.empty()
                : Optional.of(String.join(
                        " to ",
                        Stream.of(found.getFirst(), found.getLast())
                                .distinct()
                                .map(String::valueOf)
                                .toList()));
    }

    private void warnOnce(String setting, int configured, String instead) {
        if (warned.add(setting)) {
            warn.accept(setting + " is " + configured + " here and does not count: " + instead);
        }
    }
}
