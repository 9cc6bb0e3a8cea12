package io.caskade.server.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.InSyncCopy;
import io.caskade.server.cluster.Leader;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.controller.Moves.Answer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class MovesTest {

    private static final PartitionState LED = PartitionState.unled(0, List.of("a", "b", "c"), 2)
            .withLeadership(
                    new Leader("a", "i"), 1, Set.of(new InSyncCopy("a", "copy-a"), new InSyncCopy("b", "copy-b")));

    @Test
    void whoIsAskedToLeadIsPreferredFromThenOn() {
        assertThat(Moves.leader(image(LED), 0, "b"))
                .isEqualTo(new Answer.Change(
                        LED.withReplicas(List.of("b", "a", "c")).withSuccessor("b"), 7));
        PartitionState moving = LED.withTarget(List.of("d", "b"));
        assertThat(Moves.leader(image(moving), 0, "b"))
                .isEqualTo(
                        new Answer.Change(moving.withTarget(List.of("b", "d")).withSuccessor("b"), 7));
    }

    @Test
    void aLeaderMayBeMadeThePreferredOneAndThenNeedNotBeAskedAgain() {
        PartitionState preferred = LED.withReplicas(List.of("c", "a", "b"));

        assertThat(Moves.leader(image(preferred), 0, "a"))
                .isEqualTo(new Answer.Change(preferred.withReplicas(List.of("a", "c", "b")), 7));
        assertThat(Moves.leader(image(LED), 0, "a")).isEqualTo(new Answer.Unneeded());
    }

    @Test
    void whoCannotLeadIsRefusedAndTheReasonNamed() {
        assertRefused(Moves.leader(image(LED), 0, "c"), "c is not in sync in partition 0; in sync: a, b");
        assertRefused(Moves.leader(image(LED), 0, "d"), "d keeps no copy of partition 0");
        assertRefused(Moves.leader(image(LED), 9, "a"), "no partition 9");
        assertRefused(Moves.leader(image(LED).without("b"), 0, "b"), "b is not registered");
        assertRefused(Moves.leader(image(LED).withDraining(new TreeSet<>(Set.of("b"))), 0, "b"), "b is being drained");
        assertRefused(Moves.leader(image(LED.withTarget(List.of("a", "d"))), 0, "b"), "b keeps no copy");
    }

    @Test
    void copiesAreMovedByATarget() {
        List<String> target = List.of("d", "b");

        assertThat(Moves.replicas(image(LED), 0, target)).isEqualTo(new Answer.Change(LED.withTarget(target), 7));
        assertThat(Moves.replicas(image(LED.withTarget(target)), 0, target)).isEqualTo(new Answer.Unneeded());
        assertThat(Moves.replicas(image(LED.withTarget(target)), 0, LED.replicas()))
                .isEqualTo(new Answer.Change(LED, 7));
        assertThat(Moves.replicas(image(LED), 0, LED.replicas())).isEqualTo(new Answer.Unneeded());
    }

    @Test
    void aTargetThatCannotBeIsRefusedAndTheReasonNamed() {
        assertRefused(Moves.replicas(image(LED), 0, List.of("a")), "partition 0 needs at least 2 copies");
        assertRefused(Moves.replicas(image(LED), 0, List.of("a", "a")), "one copy");
        assertRefused(Moves.replicas(image(LED), 0, List.of("a", "x")), "x is not registered");
        assertRefused(Moves.replicas(image(LED), 9, List.of("a", "b")), "no partition 9");
    }

    @Test
    void aNodeThatIsAwayMayKeepACopyItHas() {
        assertThat(Moves.replicas(image(LED).without("c"), 0, List.of("c", "b")))
                .isInstanceOf(Answer.Change.class);
    }

    @Test
    void aDrainIsOverWhenNothingIsLeftThatCouldBeElsewhere() {
        assertThat(Drain.of(image(LED), "a")).isEqualTo(new Drain(List.of(0), List.of(0), List.of()));
        assertThat(Drain.of(image(LED), "a").isOver()).isFalse();
        assertThat(Drain.of(image(LED), "d")).isEqualTo(new Drain(List.of(), List.of(), List.of()));
        assertThat(Drain.of(image(LED), "d").isOver()).isTrue();
        assertThat(Drain.of(image(LED).without("d"), "c"))
                .isEqualTo(new Drain(List.of(), List.of(0), List.of(0)))
                .matches(Drain::isOver);
    }

    private static void assertRefused(Answer answer, String reason) {
        assertThat(answer)
                .isInstanceOfSatisfying(
                        Answer.Refused.class,
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
