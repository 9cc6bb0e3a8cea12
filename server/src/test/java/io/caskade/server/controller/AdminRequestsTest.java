package io.caskade.server.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.controller.AdminRequests.Outcome;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class AdminRequestsTest {

    private static final PartitionState LED = PartitionState.withoutLeader(0, List.of("a", "b", "c"), 2)
            .withLeadership(
                    new NodeIncarnation("a", "i"), 1, Set.of(new CopyId("a", "copy-a"), new CopyId("b", "copy-b")));

    @Test
    void aNodeAskedToLeadBecomesThePreferredReplica() {
        assertThat(AdminRequests.moveLeader(image(LED), 0, "b"))
                .isEqualTo(new Outcome.Change(
                        LED.withReplicas(List.of("b", "a", "c")).withSuccessor("b"), 7));
        PartitionState moving = LED.withTarget(List.of("d", "b"));
        assertThat(AdminRequests.moveLeader(image(moving), 0, "b"))
                .isEqualTo(
                        new Outcome.Change(moving.withTarget(List.of("b", "d")).withSuccessor("b"), 7));
    }

    @Test
    void theCurrentLeaderCanBeMadeThePreferredReplica() {
        PartitionState preferred = LED.withReplicas(List.of("c", "a", "b"));

        assertThat(AdminRequests.moveLeader(image(preferred), 0, "a"))
                .isEqualTo(new Outcome.Change(preferred.withReplicas(List.of("a", "c", "b")), 7));
        assertThat(AdminRequests.moveLeader(image(LED), 0, "a")).isEqualTo(new Outcome.Unchanged());
    }

    @Test
    void aNodeThatCannotLeadIsRefusedWithTheReason() {
        assertRefused(AdminRequests.moveLeader(image(LED), 0, "c"), "c is not in sync in partition 0; in sync: a, b");
        assertRefused(AdminRequests.moveLeader(image(LED), 0, "d"), "d is not a replica of partition 0");
        assertRefused(AdminRequests.moveLeader(image(LED), 9, "a"), "no partition 9");
        assertRefused(AdminRequests.moveLeader(image(LED).without("b"), 0, "b"), "b is not registered");
        assertRefused(
                AdminRequests.moveLeader(image(LED).withDraining(new TreeSet<>(Set.of("b"))), 0, "b"), "b is draining");
        assertRefused(AdminRequests.moveLeader(image(LED.withTarget(List.of("a", "d"))), 0, "b"), "b is not a replica");
    }

    @Test
    void copiesAreMovedByATarget() {
        List<String> target = List.of("d", "b");

        assertThat(AdminRequests.moveReplicas(image(LED), 0, target))
                .isEqualTo(new Outcome.Change(LED.withTarget(target), 7));
        assertThat(AdminRequests.moveReplicas(image(LED.withTarget(target)), 0, target))
                .isEqualTo(new Outcome.Unchanged());
        assertThat(AdminRequests.moveReplicas(image(LED.withTarget(target)), 0, LED.replicas()))
                .isEqualTo(new Outcome.Change(LED, 7));
        assertThat(AdminRequests.moveReplicas(image(LED), 0, LED.replicas())).isEqualTo(new Outcome.Unchanged());
    }

    @Test
    void anImpossibleTargetIsRefusedWithTheReason() {
        assertRefused(AdminRequests.moveReplicas(image(LED), 0, List.of("a")), "partition 0 needs at least 2 copies");
        assertRefused(AdminRequests.moveReplicas(image(LED), 0, List.of("a", "a")), "duplicate nodes");
        assertRefused(AdminRequests.moveReplicas(image(LED), 0, List.of("a", "x")), "x is not registered");
        assertRefused(AdminRequests.moveReplicas(image(LED), 9, List.of("a", "b")), "no partition 9");
    }

    @Test
    void anAbsentNodeMayKeepACopyItHas() {
        assertThat(AdminRequests.moveReplicas(image(LED).without("c"), 0, List.of("c", "b")))
                .isInstanceOf(Outcome.Change.class);
    }

    @Test
    void aDrainIsDoneWhenNothingMovableIsLeft() {
        assertThat(NodeDrain.of(image(LED), "a")).isEqualTo(new NodeDrain(List.of(0), List.of(0), List.of()));
        assertThat(NodeDrain.of(image(LED), "a").isComplete()).isFalse();
        assertThat(NodeDrain.of(image(LED), "d")).isEqualTo(new NodeDrain(List.of(), List.of(), List.of()));
        assertThat(NodeDrain.of(image(LED), "d").isComplete()).isTrue();
        assertThat(NodeDrain.of(image(LED).without("d"), "c"))
                .isEqualTo(new NodeDrain(List.of(), List.of(0), List.of(0)))
                .matches(NodeDrain::isComplete);
    }

    private static void assertRefused(Outcome answer, String reason) {
        assertThat(answer)
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.reason()).contains(reason));
    }

    private static ClusterImage image(PartitionState state) {
        ClusterImage image = ClusterImage.empty(new ClusterSettings("c", 1)).with(new Versioned<>(state, 7));
        for (String node : List.of("a", "b", "c", "d")) {
            image = image.with(new NodeInfo(node, "i", "", null, null, null, null, "test"));
        }
        return image;
    }
}
