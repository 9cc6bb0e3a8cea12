package io.caskade.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.config.ClusterConfig;
import io.caskade.settings.ByteSize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IgnoredSettingsTest {

    private static final List<String> ONE = List.of("node-1");
    private static final List<String> THREE = List.of("node-1", "node-2", "node-3");

    private final List<String> warnings = new ArrayList<>();

    @Test
    void theSettingsThatTheClusterWasFormedWithAreNotWarnedOf() {
        observe(config(2, 3, 2), image(partition(0, THREE, 2), partition(1, THREE, 2)));

        assertThat(warnings).isEmpty();
    }

    @Test
    void eachSettingWithAnotherValueIsWarnedOfOnceWithBothValues() {
        IgnoredSettings settings = new IgnoredSettings(config(8, 3, 2), warnings::add);
        ClusterImage formed = image(partition(0, ONE, 1), partition(1, ONE, 1));

        settings.imageChanged(formed);
        settings.imageChanged(formed);

        assertThat(warnings)
                .satisfiesExactly(
                        partitions -> assertThat(partitions)
                                .startsWith("cluster.partitions is 8 here")
                                .contains("formed with 2 partitions"),
                        copies -> assertThat(copies)
                                .startsWith("cluster.replication-factor is 3 here")
                                .contains("created with 1,"),
                        minimum -> assertThat(minimum)
                                .startsWith("cluster.min-insync is 2 here")
                                .contains("created with 1,"));
    }

    @Test
    void partitionsThatDifferAreNamedByTheirRange() {
        observe(config(2, 2, 1), image(partition(0, ONE, 1), partition(1, THREE, 1)));

        assertThat(warnings).singleElement().asString().contains("created with 1 to 3,");
    }

    @Test
    void aReassignmentIsJudgedByItsTarget() {
        PartitionState moving =
                PartitionState.withoutLeader(0, List.of("node-1", "node-2"), 1).withTarget(List.of("node-1", "node-3"));

        observe(config(1, 2, 1), ClusterImage.empty(new ClusterSettings("c", 1)).with(new Versioned<>(moving, 1)));

        assertThat(warnings).isEmpty();
    }

    @Test
    void noPartitionIsJudgedBeforeAllExist() {
        observe(config(2, 3, 2), image(partition(0, ONE, 1)));

        assertThat(warnings).isEmpty();
    }

    private void observe(ClusterConfig config, ClusterImage image) {
        new IgnoredSettings(config, warnings::add).imageChanged(image);
    }

    private static ClusterConfig config(int partitions, int replicationFactor, int minInsync) {
        return new ClusterConfig(
                partitions, replicationFactor, minInsync, Duration.ofMinutes(10), true, ByteSize.parse("64MiB"));
    }

    private static PartitionState partition(int id, List<String> replicas, int minInSync) {
        return PartitionState.withoutLeader(id, replicas, minInSync);
    }

    private static ClusterImage image(PartitionState... partitions) {
        ClusterImage image = ClusterImage.empty(new ClusterSettings("c", 2));
        for (PartitionState partition : partitions) {
            image = image.with(new Versioned<>(partition, 1));
        }
        return image;
    }
}
