package io.caskade.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.server.admin.SharedSetting;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.Endpoint;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.SharedSettings;
import io.caskade.server.cluster.SharedSettingsStore;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.controller.MoveGoal;
import io.caskade.server.controller.MovePlan;
import io.caskade.server.partition.RecordingRemover;
import io.caskade.server.partition.ReplicaManager;
import io.caskade.server.partition.SolitaryCoordinator;
import io.caskade.server.replica.ClockReading;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeAdminTest {

    private static final NodeIncarnation SELF = new NodeIncarnation("node-1", "process-1");
    private static final PartitionState STATE = PartitionState.withoutLeader(
                    0, List.of("node-1", "node-2", "node-3"), 1)
            .withLeadership(SELF, 1, Set.of(new CopyId("node-1", "copy-1"), new CopyId("node-2", "copy-2")));

    private final SolitaryCoordinator coordinator = new SolitaryCoordinator(STATE);
    private final ReplicaManager partitions = new ReplicaManager(
            "elsewhere",
            1,
            (_, _) -> {},
            (_, _) -> {
                throw new AssertionError("keeps no copies");
            },
            new RecordingRemover(),
            (_, _, _) -> {},
            Runnable::run,
            () -> new ClockReading(0, 0),
            1_000,
            500,
            true);
    private final KeptSettings settings = new KeptSettings();
    private final NodeAdmin admin = new NodeAdmin(SELF, partitions, coordinator, settings);

    @BeforeEach
    void seeTheCluster() {
        seeTheClusterWith("node-3");
    }

    private void seeTheClusterWith(String another) {
        partitions.imageChanged(ClusterImage.empty(new ClusterSettings("cluster", 1))
                .with(new Versioned<>(STATE, 0))
                .with(node("node-1"))
                .with(node("node-2"))
                .with(node("node-3"))
                .with(node(another)));
    }

    private static NodeInfo node(String id) {
        return new NodeInfo(id, "process-1", "", new Endpoint("127.0.0.1", 1), null, null, null, "test");
    }

    private boolean move(int partition, String node) {
        return admin.moveLeader(partition, node).toCompletableFuture().join();
    }

    @Test
    void aLeaderIsMovedByNamingItsSuccessorInThePartitionsState() {
        assertThat(move(0, "node-2")).isTrue();

        assertThat(coordinator.state().value().successor()).isEqualTo("node-2");
        assertThat(coordinator.state().value().replicas().getFirst()).isEqualTo("node-2");
    }

    @Test
    void aMoveIsDecidedOnTheStoredStateNotOnTheImage() {
        coordinator.compareAndSet(0, STATE.withLeadership(new NodeIncarnation("node-2", "process-1"), 2, STATE.isr()));

        move(0, "node-1");

        assertThat(coordinator.state().value().epoch()).isEqualTo(2);
        assertThat(coordinator.state().value().successor()).isEqualTo("node-1");
    }

    @Test
    void movingLeadershipToTheLeaderChangesNothing() {
        assertThat(move(0, "node-1")).isFalse();
        assertThat(coordinator.state().version()).isZero();
    }

    @Test
    void aMoveToANodeThatIsNotInSyncIsRefusedWithTheReason() {
        assertThatThrownBy(() -> move(0, "node-3"))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        CommandRefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.INVALID_ARGUMENT))
                .hasMessageContaining("node-3 is not in sync in partition 0");
    }

    @Test
    void aPartitionThatDoesNotExistIsRefused() {
        assertThatThrownBy(() -> move(7, "node-1")).hasMessageContaining("no partition 7");
    }

    @Test
    void drainingAnUnknownNodeIsRefused() {
        CompletableFuture<?> drained = admin.drain("node-9", true).toCompletableFuture();

        assertThatThrownBy(drained::join).hasMessageContaining("unknown node node-9");
    }

    @Test
    void aPlanIsShownAndChangesNothing() {
        MovePlan plan = admin.plan(new MoveGoal.Reassign(0, List.of("node-2", "node-1")));

        assertThat(plan.moves())
                .containsExactly(
                        new MovePlan.Move(0, List.of("node-1", "node-2", "node-3"), List.of("node-2", "node-1")));
        assertThat(coordinator.state().version()).isZero();
    }

    @Test
    void aPlanIsStoredInThePartitionsStateWithTheNextLeader() {
        admin.move(new MoveGoal.Reassign(0, List.of("node-2", "node-1")))
                .toCompletableFuture()
                .join();

        assertThat(coordinator.state().value().target()).containsExactly("node-2", "node-1");
        assertThat(coordinator.state().value().successor()).isEqualTo("node-2");
    }

    @Test
    void aPlanIsMadeAgainWhenAStateHasChanged() {
        coordinator.compareAndSet(0, STATE.withLeadership(new NodeIncarnation("node-2", "process-1"), 2, STATE.isr()));

        admin.move(new MoveGoal.ReplicationFactor(2)).toCompletableFuture().join();

        assertThat(coordinator.state().value().epoch()).isEqualTo(2);
        assertThat(coordinator.state().value().target()).containsExactly("node-1", "node-2");
    }

    @Test
    void aNodeThatIsRemovedIsMarkedToo() {
        seeTheClusterWith("node-4");

        MovePlan plan = admin.move(new MoveGoal.RemoveNode("node-1"))
                .toCompletableFuture()
                .join();

        assertThat(plan.drain()).containsExactly("node-1");
        assertThat(coordinator.draining()).containsExactly("node-1");
        assertThat(coordinator.state().value().target()).containsExactly("node-4", "node-2", "node-3");
    }

    @Test
    void aGoalOutOfReachIsRefused() {
        assertThatThrownBy(() -> admin.move(new MoveGoal.AddNode("node-9")))
                .isInstanceOfSatisfying(
                        CommandRefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.INVALID_ARGUMENT))
                .hasMessageContaining("node node-9 is not registered");
    }

    @Test
    void aSettingThatAllNodesShareIsChangedByCompareAndSet() {
        settings.losesOnce = true;

        List<SharedSetting> all = admin.changeSetting("cluster.move-rate", "1MiB")
                .toCompletableFuture()
                .join();

        assertThat(all).contains(new SharedSetting("cluster.move-rate", "1MiB", ""));
        assertThat(settings.stored.value().moveRateBytes()).isEqualTo(1 << 20);
        assertThat(admin.settings().toCompletableFuture().join()).isEqualTo(all);
    }

    @Test
    void aWrongValueIsRefused() {
        CompletableFuture<?> changed =
                admin.changeSetting("cluster.replace-after", "soon").toCompletableFuture();

        assertThatThrownBy(changed::join)
                .cause()
                .isInstanceOfSatisfying(
                        CommandRefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.INVALID_ARGUMENT))
                .hasMessageContaining("cluster.replace-after");
        assertThat(settings.stored.version()).isZero();
    }

    @Test
    void anotherReplicationFactorCountsForNewPartitionsToo() {
        admin.move(new MoveGoal.ReplicationFactor(2)).toCompletableFuture().join();

        assertThat(settings.stored.value().replicationFactor()).isEqualTo(2);
    }

    /// Settings in memory.
    private static final class KeptSettings implements SharedSettingsStore {
        private Versioned<SharedSettings> stored = new Versioned<>(new SharedSettings(3, 1, 0, true, 0, 350, 500), 0);
        private boolean losesOnce;

        @Override
        public CompletionStage<Versioned<SharedSettings>> seedSettings(SharedSettings proposed) {
            return readSettings();
        }

        @Override
        public CompletionStage<Versioned<SharedSettings>> readSettings() {
            return CompletableFuture.completedStage(stored);
        }

        @Override
        public CompletionStage<Boolean> changeSettings(int expectedVersion, SharedSettings next) {
            boolean wins = !losesOnce && expectedVersion == stored.version();
            losesOnce = false;
            stored = new Versioned<>(wins ? next : stored.value(), stored.version() + 1);
            return CompletableFuture.completedStage(wins);
        }
    }
}
