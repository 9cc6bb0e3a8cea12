package io.caskade.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.server.admin.SharedSetting;
import io.caskade.server.cluster.SharedSettings;
import io.caskade.server.config.ServerConfig;
import io.caskade.settings.SettingsFile;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SharedConfigTest {

    private final ServerConfig file = SettingsFile.defaults(ServerConfig.class, Map.of());
    private final SharedSettings shared = SharedConfig.of(file);

    SharedConfigTest() throws Exception {}

    @Test
    void aNodeFollowsTheClusterAndKeepsItsOwnOtherSettings() throws Exception {
        ServerConfig other = SettingsFile.defaults(
                ServerConfig.class,
                Map.of("CASKADE_CLUSTER_MOVE_RATE", "1MiB", "CASKADE_REPLICATION_LAG", "7s", "CASKADE_NODE_ID", "n9"));

        ServerConfig followed = SharedConfig.follow(other, 7, shared);

        assertThat(followed.cluster().partitions()).isEqualTo(7);
        assertThat(followed.cluster().moveRate()).isEqualTo(file.cluster().moveRate());
        assertThat(followed.replication().lag()).isEqualTo(Duration.ofSeconds(7));
        assertThat(followed.node().id()).isEqualTo("n9");
        assertThat(SharedConfig.follow(file, file.cluster().partitions(), shared))
                .isEqualTo(file);
    }

    @Test
    void whatCanBeChangedIsChangedAsInAFile() {
        SharedSettings changed = SharedConfig.change(
                SharedConfig.change(
                        SharedConfig.change(shared, "cluster.move-rate", "32MiB"), "cluster.replace-after", "0s"),
                "cluster.auto-balance-leaders",
                "false");

        assertThat(SharedConfig.list(4, changed))
                .contains(
                        new SharedSetting("cluster.move-rate", "32MiB", ""),
                        new SharedSetting("cluster.replace-after", "0s", ""),
                        new SharedSetting("cluster.auto-balance-leaders", "false", ""),
                        new SharedSetting("cluster.partitions", "4", "fixed when the cluster is formed"));
    }

    @Test
    void whatCannotBeChangedIsRefusedWithTheReason() {
        assertThatThrownBy(() -> SharedConfig.change(shared, "cluster.min-insync", "2"))
                .hasMessage("cluster.min-insync is fixed when the cluster is formed");
        assertThatThrownBy(() -> SharedConfig.change(shared, "cluster.replication-factor", "2"))
                .hasMessage("cluster.replication-factor is changed by cluster replication-factor");
        assertThatThrownBy(() -> SharedConfig.change(shared, "cluster.partitions", "2"))
                .hasMessage("cluster.partitions is fixed when the cluster is formed");
        assertThatThrownBy(() -> SharedConfig.change(shared, "merge.rate", "2MiB"))
                .hasMessage("merge.rate is no setting that all nodes share; those that can be changed:"
                        + " cluster.replace-after, cluster.auto-balance-leaders, cluster.move-rate");
        assertThatThrownBy(() -> SharedConfig.change(shared, "cluster.move-rate", "fast"))
                .hasMessageContaining("cluster.move-rate")
                .hasMessageContaining("fast");
    }
}
