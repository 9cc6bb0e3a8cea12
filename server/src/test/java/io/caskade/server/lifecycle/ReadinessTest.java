package io.caskade.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReadinessTest {

    private static final ClusterImage TWO_PARTITIONS = ClusterImage.empty(new ClusterSettings("cluster", 2));

    private final List<Boolean> told = new ArrayList<>();
    private final Readiness readiness = new Readiness("node-2", told::add);

    private static Versioned<PartitionState> partition(int id, List<String> replicas, String... inSync) {
        Set<CopyId> copies = Set.copyOf(
                List.of(inSync).stream().map(node -> new CopyId(node, "copy")).toList());
        return new Versioned<>(
                PartitionState.withoutLeader(id, replicas, 1)
                        .withLeadership(new NodeIncarnation(inSync[0], "process"), 1, copies),
                1);
    }

    @Test
    void aNodeIsInSyncWhenAllItsCopiesAre() {
        readiness.imageChanged(TWO_PARTITIONS
                .with(partition(0, List.of("node-1", "node-2"), "node-1", "node-2"))
                .with(partition(1, List.of("node-1"), "node-1")));

        assertThat(told).containsExactly(true);
    }

    @Test
    void aNodeWithACopyThatCatchesUpIsNotInSync() {
        readiness.imageChanged(TWO_PARTITIONS
                .with(partition(0, List.of("node-1", "node-2"), "node-1", "node-2"))
                .with(partition(1, List.of("node-1", "node-2"), "node-1")));

        assertThat(told).containsExactly(false);
    }

    @Test
    void noNodeIsInSyncBeforeAllPartitionsExist() {
        readiness.imageChanged(TWO_PARTITIONS.with(partition(0, List.of("node-1"), "node-1")));

        assertThat(told).containsExactly(false);
    }
}
