package io.caskade.server.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.controller.ControllerAction.Step;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ControllerPlannerTest {

    private static final Policy ONE_COPY = new Policy(new ReplicationPolicy(1, 1), 1000, true, 1000, 0);
    private static final Policy THREE_COPIES = new Policy(new ReplicationPolicy(3, 2), 1000, true, 1000, 0);
    private static final Policy LEADERS_STAY = new Policy(new ReplicationPolicy(3, 2), 1000, false, 1000, 0);

    /// Where the replicas of new partitions are placed.
    @Nested
    class Creation {

        @Test
        void allPartitionsAreCreatedOnASingleNode() {
            assertThat(next(cluster(4, "node-1"), ONE_COPY))
                    .extracting(ControllerPlannerTest::created)
                    .containsExactly(
                            PartitionState.withoutLeader(0, List.of("node-1"), 1),
                            PartitionState.withoutLeader(1, List.of("node-1"), 1),
                            PartitionState.withoutLeader(2, List.of("node-1"), 1),
                            PartitionState.withoutLeader(3, List.of("node-1"), 1));
        }

        @Test
        void copiesAndPreferredLeadersAreSpreadRoundRobin() {
            List<ControllerAction> actions = next(cluster(4, "a", "b", "c", "d"), THREE_COPIES);

            assertThat(actions)
                    .extracting(action -> created(action).replicas())
                    .containsExactly(
                            List.of("a", "b", "c"),
                            List.of("b", "c", "d"),
                            List.of("c", "d", "a"),
                            List.of("d", "a", "b"));
            assertThat(actions).allMatch(action -> created(action).minInSync() == 2);
        }

        @Test
        void copiesAndLeadersPerNodeDifferByAtMostOne() {
            List<ControllerAction> actions = next(cluster(1024, "a", "b", "c", "d", "e"), THREE_COPIES);

            assertThat(spread(actions.stream()
                            .flatMap(action -> created(action).replicas().stream())
                            .toList()))
                    .isLessThanOrEqualTo(3);
            assertThat(spread(actions.stream()
                            .map(action -> created(action).replicas().getFirst())
                            .toList()))
                    .isLessThanOrEqualTo(1);
        }

        @Test
        void noPartitionIsCreatedWhileThereAreFewerNodesThanCopies() {
            assertThat(next(cluster(4, "a", "b"), THREE_COPIES)).isEmpty();
        }

        @Test
        void onlyMissingPartitionsAreCreated() {
            ClusterImage half = cluster(4, "a")
                    .with(new Versioned<>(PartitionState.withoutLeader(0, List.of("a"), 1), 3))
                    .with(new Versioned<>(PartitionState.withoutLeader(2, List.of("a"), 1), 0));

            assertThat(next(half, ONE_COPY))
                    .extracting(action -> created(action).id())
                    .containsExactly(1, 3);
        }

        @Test
        void aHealthyClusterNeedsNoAction() {
            ClusterImage image = cluster(4, "a");
            for (ControllerAction action : next(image, ONE_COPY)) {
                image = image.with(new Versioned<>(created(action), 0));
            }

            assertThat(next(image, ONE_COPY)).isEmpty();
        }

        @Test
        void copiesOfANewPartitionStandInDifferentRacks() {
            ClusterImage image =
                    racks("r1", "a", "b", "c").with(node("d", "r2")).with(node("e", "r3"));

            assertThat(next(image, THREE_COPIES))
                    .allSatisfy(action -> assertThat(
                                    created(action).replicas().stream().map(node -> rack(image, node)))
                            .doesNotHaveDuplicates());
        }

        @Test
        void drainedNodesGetNoNewPartitions() {
            ClusterImage image = draining(cluster(4, "a", "b", "c", "d"), "b");

            assertThat(next(image, THREE_COPIES))
                    .hasSize(4)
                    .allSatisfy(action -> assertThat(created(action).replicas()).doesNotContain("b"));
            assertThat(next(draining(image, "b", "c"), THREE_COPIES)).isEmpty();
        }

        @Test
        void aPlacementThatNoPartitionCouldSatisfyIsRefused() {
            assertThatIllegalArgumentException().isThrownBy(() -> new ReplicationPolicy(1, 2));
            assertThatIllegalArgumentException().isThrownBy(() -> new ReplicationPolicy(0, 0));
        }
    }

    /// Which replica is elected when a partition has no leader.
    @Nested
    class Elections {

        @Test
        void theFirstRegisteredReplicaInSyncSucceedsALostLeader() {
            PartitionState led = led("a", Set.of(copy("a"), copy("c")));
            ClusterImage image = cluster(1, "b", "c").with(new Versioned<>(led, 7));

            assertThat(next(image, ONE_COPY))
                    .containsExactly(elected(
                            led.withLeadership(new NodeIncarnation("c", "i"), 4, Set.of(copy("a"), copy("c"))), 7));
        }

        @Test
        void aLeaderThatJustLeftIsWaitedFor() {
            PartitionState led = led("a", Set.of(copy("a"), copy("c")));
            ClusterImage image = cluster(1, "b", "c").with(new Versioned<>(led, 7));

            assertThat(ControllerPlanner.next(image, ONE_COPY, new Observations(Set.of(), Set.of(), Set.of("a"))))
                    .isEmpty();
        }

        @Test
        void aLeaderOfAnEarlierIncarnationIsGone() {
            PartitionState led = PartitionState.withoutLeader(0, List.of("a", "b", "c"), 1)
                    .withLeadership(new NodeIncarnation("a", "before"), 3, Set.of(copy("a")));
            ClusterImage image = cluster(1, "a").with(new Versioned<>(led, 7));

            assertThat(next(image, ONE_COPY))
                    .containsExactly(
                            elected(led.withLeadership(new NodeIncarnation("a", "i"), 4, Set.of(copy("a"))), 7));
        }

        @Test
        void onlyReplicasInSyncAreElected() {
            PartitionState led = led("a", Set.of(copy("a")));

            assertThat(next(cluster(1, "b", "c").with(new Versioned<>(led, 7)), ONE_COPY))
                    .isEmpty();
        }

        @Test
        void aRegisteredLeaderStays() {
            PartitionState led = led("a", Set.of(copy("a"), copy("b")));

            assertThat(next(cluster(1, "a", "b").with(new Versioned<>(led, 7)), ONE_COPY))
                    .isEmpty();
        }

        @Test
        void aPartitionThatHasNotBegunIsLeftToItsPreferredReplica() {
            PartitionState unled = PartitionState.withoutLeader(0, List.of("a", "b"), 1);

            assertThat(next(cluster(1, "b").with(new Versioned<>(unled, 0)), ONE_COPY))
                    .isEmpty();
        }

        @Test
        void aDrainingNodeIsElectedOnlyAsALastResort() {
            PartitionState led = led("a", Set.of(copy("a"), copy("b"), copy("c")));
            ClusterImage image = cluster(1, "b", "c").with(new Versioned<>(led, 7));

            assertThat(next(draining(image, "b"), ONE_COPY))
                    .containsExactly(elected(led.withLeadership(new NodeIncarnation("c", "i"), 4, led.isr()), 7));
            assertThat(next(draining(image, "b", "c"), ONE_COPY))
                    .containsExactly(elected(led.withLeadership(new NodeIncarnation("b", "i"), 4, led.isr()), 7));
        }
    }

    /// Which node replaces one that is lost or drained.
    @Nested
    class Replacements {

        @Test
        void aLostNodeIsReplacedByTheNodeWithTheFewestCopies() {
            PartitionState led = led("a", Set.of(copy("a"), copy("b")));
            ClusterImage image = cluster(2, "a", "b", "d", "e")
                    .with(new Versioned<>(led, 7))
                    .with(new Versioned<>(PartitionState.withoutLeader(1, List.of("d", "a", "b"), 1), 0));
            PartitionState replaced = led.withTarget(List.of("a", "b", "e"));

            assertThat(next(image, LEADERS_STAY)).isEmpty();
            assertThat(ControllerPlanner.next(image, LEADERS_STAY, lost("c")))
                    .containsExactly(new ControllerAction.ChangePartition(Step.REPLACE, replaced, 7));
        }

        @Test
        void aReplacementInAnotherRackIsPreferredToOneWithFewCopies() {
            PartitionState led = led("a", Set.of(copy("a"), copy("b")));
            ClusterImage image = racks("r1", "a", "d")
                    .with(node("b", "r2"))
                    .with(node("e", "r3"))
                    .with(new Versioned<>(led, 7))
                    .with(new Versioned<>(PartitionState.withoutLeader(1, List.of("e"), 1), 0));

            assertThat(changed(ControllerPlanner.next(image, LEADERS_STAY, lost("c")))
                            .target())
                    .containsExactly("a", "b", "e");
        }

        @Test
        void noNodeIsReplacedWhileThereIsNoOther() {
            PartitionState led = led("a", Set.of(copy("a"), copy("b")));

            assertThat(ControllerPlanner.next(
                            cluster(1, "a", "b").with(new Versioned<>(led, 7)), LEADERS_STAY, lost("c")))
                    .isEmpty();
        }

        @Test
        void aPartitionWithoutALeaderWaitsForAReplicaInSync() {
            PartitionState led = led("a", Set.of(copy("a")));

            assertThat(ControllerPlanner.next(
                            cluster(1, "b", "c", "d").with(new Versioned<>(led, 7)), LEADERS_STAY, lost("a")))
                    .isEmpty();
        }

        @Test
        void aNodeThatIsDrainedIsReplacedAndHandsOverWhatItLeads() {
            PartitionState led = led("a", Set.of(copy("a"), copy("b"), copy("c")));
            ClusterImage enough = draining(cluster(1, "a", "b", "c", "d").with(new Versioned<>(led, 7)), "a");
            ClusterImage tooFew = draining(cluster(1, "a", "b", "c").with(new Versioned<>(led, 7)), "a");

            assertThat(next(enough, LEADERS_STAY))
                    .containsExactly(new ControllerAction.ChangePartition(
                            Step.REPLACE, led.withTarget(List.of("d", "b", "c")), 7));
            assertThat(next(tooFew, LEADERS_STAY))
                    .containsExactly(
                            new ControllerAction.ChangePartition(Step.NAME_SUCCESSOR, led.withSuccessor("b"), 7));
        }
    }

    /// The steps of a move from its start to its end.
    @Nested
    class Moves {

        @Test
        void aPartitionThatHasNotBegunMovesAtOnce() {
            PartitionState unled = PartitionState.withoutLeader(0, List.of("a", "b"), 1);
            PartitionState moving = unled.withTarget(List.of("c", "b"));
            ClusterImage image = cluster(1, "b", "c");

            assertThat(ControllerPlanner.next(image.with(new Versioned<>(unled, 0)), LEADERS_STAY, lost("a")))
                    .containsExactly(new ControllerAction.ChangePartition(Step.REPLACE, moving, 0));
            assertThat(next(image.with(new Versioned<>(moving, 1)), LEADERS_STAY))
                    .containsExactly(new ControllerAction.ChangePartition(
                            Step.FINISH_MOVE, PartitionState.withoutLeader(0, List.of("c", "b"), 1), 1));
        }

        @Test
        void aMoveAddsACopyWaitsUntilItIsInSyncAndRemovesAnother() {
            PartitionState moving =
                    led("a", Set.of(copy("a"), copy("b"), copy("c"))).withTarget(List.of("a", "b", "d"));
            PartitionState added = moving.withReplicas(List.of("a", "b", "c", "d"));
            PartitionState caughtUp = added.withIsr(Set.of(copy("a"), copy("b"), copy("c"), copy("d")));
            PartitionState left = added.withIsr(Set.of(copy("a"), copy("b"), copy("d")));
            PartitionState takenOff = left.withReplicas(List.of("a", "b", "d"));

            assertStep(moving, Step.ADD_REPLICA, added);
            assertNoStep(added);
            assertNoStep(caughtUp);
            assertStep(left, Step.REMOVE_REPLICA, takenOff);
            assertStep(takenOff, Step.FINISH_MOVE, takenOff.withTarget(List.of()));
        }

        @Test
        void oneCopyAtATimeIsAdded() {
            PartitionState moving =
                    led("a", Set.of(copy("a"), copy("b"), copy("c"))).withTarget(List.of("d", "e", "a"));

            PartitionState added = moving.withReplicas(List.of("a", "b", "c", "d"));
            assertStep(moving, Step.ADD_REPLICA, added);
            assertNoStep(added.withIsr(Set.of(copy("a"), copy("b"), copy("c"), copy("d"))));
            assertStep(
                    added.withIsr(Set.of(copy("a"), copy("b"), copy("d"))).withReplicas(List.of("a", "b", "d")),
                    Step.ADD_REPLICA,
                    added.withIsr(Set.of(copy("a"), copy("b"), copy("d"))).withReplicas(List.of("a", "b", "d", "e")));
        }

        @Test
        void noCopyIsRemovedBeforeAllThatStayAreInSync() {
            PartitionState moving = led("a", Set.of(copy("a"), copy("b")))
                    .withReplicas(List.of("a", "b", "c", "d"))
                    .withTarget(List.of("a", "b", "d"));

            assertNoStep(moving);
        }

        @Test
        void aDepartingLeaderHandsOverLast() {
            PartitionState moving = led("a", Set.of(copy("a"), copy("b"), copy("c")))
                    .withReplicas(List.of("a", "b", "c", "d"))
                    .withTarget(List.of("d", "b", "c"));
            PartitionState caughtUp = moving.withIsr(Set.of(copy("a"), copy("b"), copy("c"), copy("d")));

            assertNoStep(moving);
            assertStep(caughtUp, Step.NAME_SUCCESSOR, caughtUp.withSuccessor("d"));
        }

        @Test
        void aNodeFillsAFewCopiesAtATime() {
            ClusterImage image = cluster(5, "a", "b", "c", "d");
            for (int id = 0; id < 5; id++) {
                image = image.with(new Versioned<>(toD(id), 1));
            }

            assertThat(partitionsThatGetD(image)).containsExactly(0, 1);
            ClusterImage filling = image.with(new Versioned<>(toD(3).withReplicas(List.of("a", "b", "c", "d")), 2));
            assertThat(partitionsThatGetD(filling)).containsExactly(0);
            ClusterImage inSync = filling.with(new Versioned<>(
                    toD(3).withReplicas(List.of("a", "b", "c", "d"))
                            .withIsr(Set.of(copy("a"), copy("b"), copy("c"), copy("d"))),
                    3));
            assertThat(partitionsThatGetD(inSync)).containsExactly(0, 1);
            assertThat(partitionsThatGetD(filling.without("d"))).isEmpty();
        }

        private static PartitionState toD(int id) {
            return new PartitionState(
                    id,
                    List.of("a", "b", "c"),
                    new NodeIncarnation("a", "i"),
                    1,
                    Set.of(copy("a"), copy("b"), copy("c")),
                    2,
                    List.of("a", "b", "d"),
                    null);
        }

        private static List<Integer> partitionsThatGetD(ClusterImage image) {
            return next(image, LEADERS_STAY).stream()
                    .map(action -> (ControllerAction.ChangePartition) action)
                    .filter(action -> action.step() == Step.ADD_REPLICA)
                    .map(action -> action.next().id())
                    .toList();
        }

        @Test
        void aMoveToANodeThatIsLostGoesElsewhere() {
            PartitionState moving =
                    led("a", Set.of(copy("a"), copy("b"), copy("c"))).withTarget(List.of("a", "b", "x"));
            ClusterImage image = cluster(1, "a", "b", "c", "d").with(new Versioned<>(moving, 7));

            assertThat(next(image, LEADERS_STAY)).isEmpty();
            assertThat(changed(ControllerPlanner.next(image, LEADERS_STAY, lost("x")))
                            .target())
                    .hasSize(3)
                    .contains("a", "b")
                    .doesNotContain("x");
        }
    }

    /// When a leader is asked to hand over.
    @Nested
    class Successors {

        @Test
        void leadershipReturnsToAPreferredReplicaInSyncAfterAWhile() {
            PartitionState led = led("b", Set.of(copy("a"), copy("b")));
            ClusterImage image = cluster(1, "a", "b", "c").with(new Versioned<>(led, 7));
            Observations calm = new Observations(Set.of(), Set.of(0), Set.of());
            ControllerAction named =
                    new ControllerAction.ChangePartition(Step.NAME_SUCCESSOR, led.withSuccessor("a"), 7);

            assertThat(ControllerPlanner.next(image, THREE_COPIES, calm)).containsExactly(named);
            assertThat(next(image, THREE_COPIES)).isEmpty();
            assertThat(ControllerPlanner.next(image, LEADERS_STAY, calm)).isEmpty();
            assertThat(ControllerPlanner.next(image.without("a"), THREE_COPIES, calm))
                    .isEmpty();
            assertThat(ControllerPlanner.next(
                            image.with(new Versioned<>(led.withIsr(Set.of(copy("b"), copy("c"))), 8)),
                            THREE_COPIES,
                            calm))
                    .isEmpty();
            assertThat(ControllerPlanner.next(
                            image.with(new Versioned<>(led.withSuccessor("a"), 8)), THREE_COPIES, calm))
                    .isEmpty();
        }

        @Test
        void aSuccessorThatDisappearsIsWithdrawn() {
            PartitionState led = led("b", Set.of(copy("a"), copy("b")));
            ClusterImage image = cluster(1, "b", "c").with(new Versioned<>(led.withSuccessor("a"), 7));

            assertThat(next(image, LEADERS_STAY))
                    .containsExactly(new ControllerAction.ChangePartition(Step.WITHDRAW_SUCCESSOR, led, 7));
        }

        @Test
        void leadershipDoesNotReturnToADrainedNode() {
            PartitionState led = led("b", Set.of(copy("a"), copy("b"), copy("c")));
            ClusterImage image = draining(cluster(1, "a", "b", "c").with(new Versioned<>(led, 7)), "a");

            assertThat(ControllerPlanner.next(image, THREE_COPIES, new Observations(Set.of(), Set.of(0), Set.of())))
                    .isEmpty();
        }
    }

    private static List<ControllerAction> next(ClusterImage image, Policy policy) {
        return ControllerPlanner.next(image, policy, Observations.NONE);
    }

    private static ControllerAction elected(PartitionState next, int version) {
        return new ControllerAction.ChangePartition(Step.ELECT, next, version);
    }

    private static PartitionState led(String leader, Set<CopyId> inSync) {
        return PartitionState.withoutLeader(0, List.of("a", "b", "c"), 1)
                .withLeadership(new NodeIncarnation(leader, "i"), 3, inSync);
    }

    private static CopyId copy(String node) {
        return new CopyId(node, "copy-" + node);
    }

    private static void assertStep(PartitionState state, Step step, PartitionState next) {
        assertThat(next(cluster(1, "a", "b", "c", "d", "e").with(new Versioned<>(state, 7)), LEADERS_STAY))
                .containsExactly(new ControllerAction.ChangePartition(step, next, 7));
    }

    private static void assertNoStep(PartitionState state) {
        assertThat(next(cluster(1, "a", "b", "c", "d", "e").with(new Versioned<>(state, 7)), LEADERS_STAY))
                .isEmpty();
    }

    private static PartitionState changed(List<ControllerAction> actions) {
        assertThat(actions).hasSize(1);
        return ((ControllerAction.ChangePartition) actions.getFirst()).next();
    }

    private static Observations lost(String... nodes) {
        return new Observations(Set.of(nodes), Set.of(), Set.of());
    }

    private static ClusterImage draining(ClusterImage image, String... nodes) {
        return image.withDraining(new TreeSet<>(Set.of(nodes)));
    }

    private static ClusterImage racks(String rack, String... nodes) {
        ClusterImage image = cluster(2);
        for (String node : nodes) {
            image = image.with(node(node, rack));
        }
        return image;
    }

    private static String rack(ClusterImage image, String node) {
        return image.node(node).orElseThrow().rack();
    }

    private static NodeInfo node(String id, String rack) {
        return new NodeInfo(id, "i", rack, null, null, null, null, "test");
    }

    private static long spread(List<String> nodes) {
        var counts = nodes.stream()
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()))
                .values();
        return counts.stream().mapToLong(Long::longValue).max().orElse(0)
                - counts.stream().mapToLong(Long::longValue).min().orElse(0);
    }

    private static PartitionState created(ControllerAction action) {
        return switch (action) {
            case ControllerAction.CreatePartition(PartitionState state) -> state;
            case ControllerAction.ChangePartition changed -> throw new AssertionError(changed);
        };
    }

    private static ClusterImage cluster(int partitions, String... nodes) {
        ClusterImage image = ClusterImage.empty(new ClusterSettings("c", partitions));
        for (String node : nodes) {
            image = image.with(node(node, ""));
        }
        return image;
    }
}
