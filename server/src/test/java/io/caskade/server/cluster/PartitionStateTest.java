package io.caskade.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PartitionStateTest {

    private static final List<String> REPLICAS = List.of("node-1", "node-2", "node-3");
    private static final NodeIncarnation LEADER = new NodeIncarnation("node-1", "i1");
    private static final CopyId FIRST = new CopyId("node-1", "c1");
    private static final CopyId SECOND = new CopyId("node-2", "c2");

    @Test
    void aNewPartitionHasNoLeaderAndNoCopyInSync() {
        PartitionState state = PartitionState.withoutLeader(0, REPLICAS, 2);

        assertThat(state.leader()).isNull();
        assertThat(state.epoch()).isZero();
        assertThat(state.isr()).isEmpty();
    }

    @Test
    void aLedPartitionKnowsItsCopiesInSync() {
        PartitionState state =
                PartitionState.withoutLeader(0, REPLICAS, 2).withLeadership(LEADER, 1, Set.of(FIRST, SECOND));

        assertThat(state.isInSync(SECOND)).isTrue();
        assertThat(state.isInSync(new CopyId("node-2", "wiped"))).isFalse();
        assertThat(state.inSyncCopyOf("node-1")).contains(FIRST);
        assertThat(state.inSyncCopyOf("node-3")).isEmpty();
        assertThat(state.isReplica("node-3")).isTrue();
    }

    @Test
    void aPartitionMayHaveCopiesInSyncWithoutALeader() {
        assertThat(new PartitionState(0, REPLICAS, null, 3, Set.of(FIRST), 1).leader())
                .isNull();
    }

    @Test
    void theStateIsImmutable() {
        List<String> replicas = new ArrayList<>(REPLICAS);
        PartitionState state = PartitionState.withoutLeader(0, replicas, 1);

        replicas.clear();

        assertThat(state.replicas()).isEqualTo(REPLICAS);
    }

    @Test
    void aLeaderMustBeInSync() {
        refused(LEADER, 1, Set.of(SECOND));
    }

    @Test
    void epochZeroHasNoCopyInSync() {
        refused(null, 0, Set.of(FIRST));
    }

    @Test
    void epochZeroHasNoLeader() {
        refused(LEADER, 0, Set.of());
    }

    @Test
    void aLaterEpochHasACopyInSync() {
        refused(null, 1, Set.of());
    }

    @Test
    void anEpochIsNotNegative() {
        refused(null, -1, Set.of(FIRST));
    }

    @Test
    void aCopyInSyncBelongsToAReplica() {
        refused(null, 1, Set.of(new CopyId("node-4", "c4")));
    }

    @Test
    void aNodeHasOneCopyInSync() {
        refused(null, 1, Set.of(FIRST, new CopyId("node-1", "other")));
    }

    @Test
    void replicasAreDistinctAndThereIsOne() {
        assertThatIllegalArgumentException().isThrownBy(() -> PartitionState.withoutLeader(0, List.of("a", "a"), 1));
        assertThatIllegalArgumentException().isThrownBy(() -> PartitionState.withoutLeader(0, List.of(), 1));
    }

    @Test
    void minInSyncIsBetweenOneAndTheNumberOfReplicas() {
        assertThatIllegalArgumentException().isThrownBy(() -> PartitionState.withoutLeader(0, REPLICAS, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> PartitionState.withoutLeader(0, REPLICAS, 4));
    }

    @Test
    void aSuccessorIsInSyncAndDoesNotLeadYet() {
        PartitionState led =
                PartitionState.withoutLeader(0, REPLICAS, 2).withLeadership(LEADER, 1, Set.of(FIRST, SECOND));

        assertThat(led.withSuccessor("node-2").successor()).isEqualTo("node-2");
        assertThatIllegalArgumentException().isThrownBy(() -> led.withSuccessor("node-1"));
        assertThatIllegalArgumentException().isThrownBy(() -> led.withSuccessor("node-3"));
    }

    @Test
    void aSuccessorIsClearedWithTheNextLeaderOrWhenItLeavesTheInSyncSet() {
        PartitionState handing = PartitionState.withoutLeader(0, REPLICAS, 1)
                .withLeadership(LEADER, 1, Set.of(FIRST, SECOND))
                .withSuccessor("node-2");

        assertThat(handing.withIsr(Set.of(FIRST)).successor()).isNull();
        assertThat(handing.withIsr(Set.of(FIRST, SECOND))).isEqualTo(handing);
        assertThat(handing.withLeadership(LEADER, 2, Set.of(FIRST, SECOND)).successor())
                .isNull();
    }

    @Test
    void aMovingPartitionHasATarget() {
        PartitionState state = PartitionState.withoutLeader(0, REPLICAS, 2);
        PartitionState moving = state.withTarget(List.of("node-4", "node-2"));

        assertThat(state.isReassigning()).isFalse();
        assertThat(state.targetReplicas()).isEqualTo(REPLICAS);
        assertThat(moving.isReassigning()).isTrue();
        assertThat(moving.targetReplicas()).containsExactly("node-4", "node-2");
        assertThat(REPLICAS).filteredOn(moving::isStaying).containsExactly("node-2");
        assertThat(moving.withReplicas(List.of("node-4", "node-2")).target()).isEqualTo(moving.target());
    }

    @Test
    void aTargetHasDistinctNodesAndAtLeastMinInSync() {
        PartitionState state = PartitionState.withoutLeader(0, REPLICAS, 2);

        assertThatIllegalArgumentException().isThrownBy(() -> state.withTarget(List.of("node-1", "node-1")));
        assertThatIllegalArgumentException().isThrownBy(() -> state.withTarget(List.of("node-1", "")));
        assertThatIllegalArgumentException().isThrownBy(() -> state.withTarget(List.of("node-1")));
    }

    private static void refused(@Nullable NodeIncarnation leader, int epoch, Set<CopyId> inSync) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PartitionState(0, REPLICAS, leader, epoch, inSync, 1));
    }
}
