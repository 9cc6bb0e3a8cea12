package io.caskade.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.SharedSettings;
import io.caskade.server.config.ServerConfig;
import io.caskade.settings.SettingsFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IgnoredSettingsTest {

    private static final ClusterImage FORMED = ClusterImage.empty(new ClusterSettings("c", 4));

    private final List<String> warnings = new ArrayList<>();

    private static ServerConfig file(Map<String, String> environment) {
        try {
            return SettingsFile.defaults(ServerConfig.class, environment);
        } catch (io.caskade.settings.SettingsException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aFileThatAgreesIsNotWarnedOf() {
        ServerConfig file = file(Map.of());

        new IgnoredSettings(file, warnings::add).imageChanged(FORMED.with(SharedConfig.of(file)));

        assertThat(warnings).isEmpty();
    }

    @Test
    void allDifferencesAreNamedInOneLineOnce() {
        SharedSettings shared = SharedConfig.of(file(Map.of(
                "CASKADE_CLUSTER_REPLICATION_FACTOR", "3",
                "CASKADE_CLUSTER_MIN_INSYNC", "2",
                "CASKADE_REPLICATION_LEASE", "200ms")));
        IgnoredSettings settings = new IgnoredSettings(file(Map.of("CASKADE_CLUSTER_PARTITIONS", "8")), warnings::add);

        settings.imageChanged(FORMED.with(shared));
        settings.imageChanged(FORMED.with(shared));

        assertThat(warnings)
                .containsExactly("this node follows the cluster's settings, from which its file differs:"
                        + " cluster.partitions 4 (here 8), cluster.replication-factor 3 (here 1), cluster.min-insync 2"
                        + " (here 1), replication.lease 200ms (here 350ms)");
    }

    @Test
    void anotherChangeIsWarnedOfAgain() {
        ServerConfig file = file(Map.of());
        IgnoredSettings settings = new IgnoredSettings(file, warnings::add);
        SharedSettings own = SharedConfig.of(file);

        settings.imageChanged(FORMED);
        settings.imageChanged(FORMED.with(SharedConfig.change(own, "cluster.move-rate", "1MiB")));
        settings.imageChanged(FORMED.with(SharedConfig.change(own, "cluster.move-rate", "2MiB")));

        assertThat(warnings)
                .satisfiesExactly(
                        first -> assertThat(first).endsWith(": cluster.move-rate 1MiB (here 64MiB)"),
                        second -> assertThat(second).endsWith(": cluster.move-rate 2MiB (here 64MiB)"));
    }
}
