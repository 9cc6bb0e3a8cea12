package io.caskade.server.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.Endpoint;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.proxy.ForwardingPlan.Kind;
import io.caskade.server.proxy.ForwardingPlan.Step;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Which node is asked, and what follows from how that ends.
class ForwardingPlanTest {

    private static final NodeIncarnation SELF = new NodeIncarnation("b", "b-1");
    private static final long DEADLINE = 10_000;

    static NodeInfo node(String id) {
        return new NodeInfo(id, id + "-1", "", new Endpoint(id, 6669), null, null, null, "test");
    }

    /// Nodes a to d, the first of which leads a partition on a, b and c, or none does.
    static ClusterImage image(@Nullable String leader, String... replicas) {
        Set<CopyId> isr = List.of(replicas).stream()
                .map(node -> new CopyId(node, "copy-" + node))
                .collect(Collectors.toSet());
        PartitionState state = new PartitionState(
                0, List.of(replicas), leader == null ? null : new NodeIncarnation(leader, leader + "-1"), 3, isr, 1);
        ClusterImage image =
                ClusterImage.empty(new ClusterSettings("cluster", 1)).with(new Versioned<>(state, 7));
        for (String id : List.of("a", "b", "c", "d")) {
            image = image.with(node(id));
        }
        return image;
    }

    private static ForwardingPlan plan(Kind kind, boolean forwarded) {
        return new ForwardingPlan(SELF, kind, 0, forwarded, DEADLINE, new Random(1));
    }

    private static CommandRefusedException refusal(Reason reason) {
        return new CommandRefusedException(reason, "partition 0: for a reason");
    }

    private static UnansweredException lost(boolean maybeReceived) {
        return new UnansweredException(maybeReceived, "did not answer");
    }

    @Test
    void theLeaderIsAsked() {
        assertThat(plan(Kind.WRITE, false).next(0, image("a", "a", "b", "c")))
                .isEqualTo(new Step.Ask(node("a"), DEADLINE));
        assertThat(plan(Kind.LEADER_READ, false).next(0, image("b", "a", "b", "c")))
                .isEqualTo(new Step.Here());
    }

    @Test
    void whatIsLeftOfTheTimeGoesWithTheRequest() {
        ForwardingPlan plan = plan(Kind.WRITE, false);
        ClusterImage image = image("a", "a", "b", "c");

        assertThat(plan.next(4_000, image)).isEqualTo(new Step.Ask(node("a"), 6_000));
        assertThat(plan.onRefused(refusal(Reason.NOT_SERVING), false, 5_000, image))
                .isInstanceOf(Step.Pause.class);
        assertThat(plan.next(7_000, image)).isEqualTo(new Step.Ask(node("a"), 3_000));
        assertThat(plan.next(DEADLINE, image)).isInstanceOf(Step.Refuse.class);
    }

    @Test
    void aReadLeavesTimeToAskAnother() {
        assertThat(plan(Kind.LEADER_READ, false).next(0, image("a", "a", "b", "c")))
                .isInstanceOfSatisfying(
                        Step.Ask.class, ask -> assertThat(ask.timeoutMillis()).isLessThan(DEADLINE / 2));
    }

    @Test
    void aRequestThatWasForwardedIsNeverForwardedAgain() {
        ClusterImage image = image("a", "a", "c");
        for (Kind kind : Kind.values()) {
            ForwardingPlan plan = plan(kind, true);
            assertThat(plan.next(0, image)).isEqualTo(new Step.Here());
            assertThat(plan.onRefused(refusal(Reason.NOT_LEADER), true, 1, image))
                    .isEqualTo(new Step.Refuse(Reason.NOT_LEADER, "partition 0: for a reason"));
        }
        assertThat(ForwardingPlan.isForThisNode(SELF, 0, true, image)).isTrue();
        assertThat(ForwardingPlan.isForThisNode(SELF, 0, false, image)).isFalse();
        assertThat(ForwardingPlan.isForThisNode(SELF, 0, false, null)).isFalse();
    }

    @Test
    void aWriteWhoseOutcomeIsUnknownIsNotSentAgain() {
        ForwardingPlan plan = plan(Kind.WRITE, false);
        plan.next(0, image("a", "a", "b", "c"));

        assertThat(plan.onUnanswered(lost(true), node("a"), 10))
                .isInstanceOfSatisfying(
                        Step.Refuse.class, end -> assertThat(end.reason()).isEqualTo(Reason.OUTCOME_UNKNOWN));
    }

    @Test
    void aWriteThatWasNotSentGoesToTheNextLeader() {
        ForwardingPlan plan = plan(Kind.WRITE, false);
        plan.next(0, image("a", "a", "b", "c"));

        assertThat(plan.onUnanswered(lost(false), node("a"), 10)).isInstanceOf(Step.Pause.class);
        assertThat(plan.next(20, image("c", "a", "b", "c"))).isEqualTo(new Step.Ask(node("c"), DEADLINE - 20));
    }

    @Test
    void aReadIsRepeatedWhateverHappened() {
        ForwardingPlan plan = plan(Kind.LEADER_READ, false);
        plan.next(0, image("a", "a", "b", "c"));

        assertThat(plan.onUnanswered(lost(true), node("a"), 10)).isInstanceOf(Step.Pause.class);
    }

    @Test
    void onlyARefusalThatAnotherLeaderMayNotGiveIsTriedAgain() {
        ClusterImage image = image("a", "a", "b", "c");
        for (Reason reason : Reason.values()) {
            ForwardingPlan plan = plan(Kind.WRITE, false);
            plan.next(0, image);
            Step step = plan.onRefused(refusal(reason), false, 10, image);
            if (reason == Reason.NOT_LEADER || reason == Reason.NOT_SERVING) {
                assertThat(step).isInstanceOf(Step.Pause.class);
            } else {
                assertThat(step).isEqualTo(new Step.Refuse(reason, "partition 0: for a reason"));
            }
        }
    }

    @Test
    void whenTimeIsUpTheLastRefusalIsTheAnswer() {
        ForwardingPlan plan = plan(Kind.WRITE, false);
        ClusterImage image = image("a", "a", "b", "c");
        plan.next(0, image);

        assertThat(plan.onRefused(refusal(Reason.NOT_LEADER), false, DEADLINE + 1, image))
                .isInstanceOfSatisfying(Step.Refuse.class, end -> {
                    assertThat(end.reason()).isEqualTo(Reason.NOT_LEADER);
                    assertThat(end.message()).contains("for a reason", "nothing was done");
                });
    }

    @Test
    void withoutALeaderItIsWaitedForOneAndNotLongerThanThereIsTime() {
        ForwardingPlan plan = plan(Kind.WRITE, false);
        assertThat(plan.next(0, null)).isInstanceOf(Step.Pause.class);
        assertThat(plan.next(0, ClusterImage.empty(new ClusterSettings("cluster", 1))))
                .isInstanceOf(Step.Pause.class);
        assertThat(plan.next(0, image(null, "a", "b", "c"))).isInstanceOf(Step.Pause.class);
        assertThat(plan.next(0, image("a", "a", "b", "c").without("a"))).isInstanceOf(Step.Pause.class);
        for (int i = 0; i < 100; i++) {
            assertThat(plan.onRefused(refusal(Reason.NOT_SERVING), true, DEADLINE - 3, null))
                    .isInstanceOfSatisfying(
                            Step.Pause.class,
                            pause -> assertThat(pause.millis()).isBetween(0L, 3L));
        }
        assertThat(plan.onRefused(refusal(Reason.NOT_SERVING), true, 0, null))
                .isInstanceOfSatisfying(
                        Step.Pause.class, pause -> assertThat(pause.millis()).isBetween(125L, 250L));
    }

    @Test
    void aReplicaReadStaysHereIfThereIsACopyAndGoesToTheLeaderOtherwise() {
        assertThat(plan(Kind.REPLICA_READ, false).next(0, image("a", "a", "b", "c")))
                .isEqualTo(new Step.Here());
        assertThat(plan(Kind.REPLICA_READ, false).next(0, image("a", "c", "a")))
                .isInstanceOfSatisfying(
                        Step.Ask.class, ask -> assertThat(ask.node()).isEqualTo(node("a")));
        assertThat(plan(Kind.REPLICA_READ, false).next(0, image(null, "c", "d")))
                .isInstanceOfSatisfying(
                        Step.Ask.class, ask -> assertThat(ask.node()).isEqualTo(node("c")));
    }

    @Test
    void aReplicaReadThatThisCopyCannotServeGoesToTheOthersInTurn() {
        ClusterImage image = image("a", "a", "b", "c");
        ForwardingPlan plan = plan(Kind.REPLICA_READ, false);
        plan.next(0, image);

        assertThat(plan.onRefused(refusal(Reason.COPY_FENCED), true, 1, image))
                .isInstanceOfSatisfying(
                        Step.Ask.class, ask -> assertThat(ask.node()).isEqualTo(node("a")));
        assertThat(plan.onUnanswered(lost(true), node("a"), 2)).isInstanceOf(Step.Pause.class);
        assertThat(plan.next(3, image))
                .isInstanceOfSatisfying(
                        Step.Ask.class, ask -> assertThat(ask.node()).isEqualTo(node("c")));
    }

    @Test
    void aReplicaThatIsBehindSaysSo() {
        ClusterImage image = image("a", "a", "b", "c");
        ForwardingPlan plan = plan(Kind.REPLICA_READ, false);
        plan.next(0, image);

        assertThat(plan.onRefused(refusal(Reason.BEHIND_CONTEXT), true, 1, image))
                .isEqualTo(new Step.Refuse(Reason.BEHIND_CONTEXT, "partition 0: for a reason"));
    }

    @Test
    void aLeaderWithoutAGrpcListenerCannotBeAsked() {
        ClusterImage image =
                image("a", "a", "b", "c").with(new NodeInfo("a", "a-1", "", null, null, null, null, "test"));

        assertThat(plan(Kind.WRITE, false).next(0, image)).isInstanceOfSatisfying(Step.Refuse.class, end -> {
            assertThat(end.reason()).isEqualTo(Reason.NOT_LEADER);
            assertThat(end.message()).contains("a would answer", "listeners.grpc");
        });
    }

    @Test
    void anotherLeaderOvertakesTheOneThatWasAsked() {
        ForwardingPlan plan = plan(Kind.WRITE, false);

        assertThat(plan.isOvertaken(node("a"), image("a", "a", "b"))).isFalse();
        assertThat(plan.isOvertaken(node("a"), image(null, "a", "b"))).isFalse();
        assertThat(plan.isOvertaken(node("a"), image("b", "a", "b"))).isTrue();
        assertThat(plan(Kind.REPLICA_READ, false).isOvertaken(node("a"), image("b", "a", "b")))
                .isFalse();
    }
}
