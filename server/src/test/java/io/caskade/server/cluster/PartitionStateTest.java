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
    private static final Leader LEADER = new Leader("node-1", "i1");
    private static final InSyncCopy FIRST = new InSyncCopy("node-1", "c1");
    private static final InSyncCopy SECOND = new InSyncCopy("node-2", "c2");

    @Test
    void aNewPartitionHasNeitherLeaderNorAnyoneInSync() {
        PartitionState state = PartitionState.unled(0, REPLICAS, 2);

        assertThat(state.leader()).isNull();
        assertThat(state.epoch()).isZero();
        assertThat(state.inSync()).isEmpty();
    }

    @Test
    void aLedPartitionKnowsItsCopiesInSync() {
        PartitionState state = PartitionState.unled(0, REPLICAS, 2).withLeadership(LEADER, 1, Set.of(FIRST, SECOND));

        assertThat(state.isInSync(SECOND)).isTrue();
        assertThat(state.isInSync(new InSyncCopy("node-2", "wiped"))).isFalse();
        assertThat(state.inSyncCopyOf("node-1")).contains(FIRST);
        assertThat(state.inSyncCopyOf("node-3")).isEmpty();
        assertThat(state.isReplica("node-3")).isTrue();
    }

    @Test
    void aPartitionMayHaveCopiesInSyncAndNoLeader() {
        assertThat(new PartitionState(0, REPLICAS, null, 3, Set.of(FIRST), 1).leader())
                .isNull();
    }

    @Test
    void whatItWasMadeOfCanChangeWithoutChangingIt() {
        List<String> replicas = new ArrayList<>(REPLICAS);
        PartitionState state = PartitionState.unled(0, replicas, 1);

        replicas.clear();

        assertThat(state.replicas()).isEqualTo(REPLICAS);
    }

    @Test
    void aLeaderMustBeInSync() {
        refused(LEADER, 1, Set.of(SECOND));
    }

    @Test
    void epochZeroHasNobodyInSync() {
        refused(null, 0, Set.of(FIRST));
    }

    @Test
    void epochZeroHasNoLeader() {
        refused(LEADER, 0, Set.of());
    }

    @Test
    void aLaterEpochHasSomebodyInSync() {
        refused(null, 1, Set.of());
    }

    @Test
    void anEpochIsNotNegative() {
        refused(null, -1, Set.of(FIRST));
    }

    @Test
    void aCopyInSyncBelongsToAReplica() {
        refused(null, 1, Set.of(new InSyncCopy("node-4", "c4")));
    }

    @Test
    void aNodeHasOneCopyInSync() {
        refused(null, 1, Set.of(FIRST, new InSyncCopy("node-1", "other")));
    }

    @Test
    void replicasAreDistinctAndThereIsOne() {
        assertThatIllegalArgumentException().isThrownBy(() -> PartitionState.unled(0, List.of("a", "a"), 1));
        assertThatIllegalArgumentException().isThrownBy(() -> PartitionState.unled(0, List.of(), 1));
    }

    @Test
    void asManyMustBeInSyncAsThereCanBe() {
        assertThatIllegalArgumentException().isThrownBy(() -> PartitionState.unled(0, REPLICAS, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> PartitionState.unled(0, REPLICAS, 4));
    }

    private static void refused(@Nullable Leader leader, int epoch, Set<InSyncCopy> inSync) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PartitionState(0, REPLICAS, leader, epoch, inSync, 1));
    }
}
