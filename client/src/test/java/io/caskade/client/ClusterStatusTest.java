package io.caskade.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.client.ClusterStatus.NodeState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Which state a node is said to be in.
final class ClusterStatusTest {

    @Test
    void aNodeInSyncWhoseMergesCannotKeepUpSlowsPuts() {
        assertThat(state(true, false, false)).isEqualTo(NodeState.IN_SYNC);
        assertThat(state(true, true, false)).isEqualTo(NodeState.SLOWED);
    }

    @Test
    void whatIsWorseIsSaidInstead() {
        assertThat(state(false, true, false)).isEqualTo(NodeState.CATCHING_UP);
        assertThat(state(true, true, true)).isEqualTo(NodeState.DISK_FULL);
    }

    /// The state names the copy that its node has lost.
    @Test
    void aNodeWithAnotherCopyThanTheOneInSyncCatchesUp() {
        assertThat(state(true, false, false, false)).isEqualTo(NodeState.CATCHING_UP);
    }

    private static NodeState state(boolean inSync, boolean slowingPuts, boolean diskFull) {
        return state(inSync, inSync, slowingPuts, diskFull);
    }

    private static NodeState state(boolean named, boolean inSync, boolean slowingPuts, boolean diskFull) {
        ClusterView.Node node = new ClusterView.Node(
                "node-1", "first", "test", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        ClusterView.Partition partition = new ClusterView.Partition(
                0,
                List.of("node-1"),
                Optional.empty(),
                1,
                named ? List.of("node-1") : List.of(),
                1,
                List.of(),
                Optional.empty());
        ClusterStatus.Copy copy = new ClusterStatus.Copy(
                0, ClusterStatus.Role.LEADER, 1, 9, 9, 9, inSync, diskFull, slowingPuts, 1_000, 100, "", List.of());
        ClusterView view = new ClusterView("cluster", Optional.empty(), List.of(node), List.of(partition), List.of());
        return new ClusterStatus(view, Map.of("node-1", new ClusterStatus.Node("node-1", List.of(copy))), Map.of())
                .state("node-1");
    }
}
