package io.caskade.server.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Plans for random clusters have the properties that administrators rely on.
class MovePlannerTest {

    private static final int RUNS = 300;

    /// A cluster with random copies.
    private static final class Cluster {
        private final Random random;
        private final int nodes;
        private final int racks;
        private final int copies;
        private final int partitions;
        private ClusterImage image;

        Cluster(long seed, boolean withRacks) {
            random = new Random(seed);
            nodes = 3 + random.nextInt(6);
            racks = withRacks ? 2 + random.nextInt(3) : 0;
            copies = 1 + random.nextInt(Math.min(3, nodes));
            partitions = 1 + random.nextInt(24);
            image = ClusterImage.empty(new ClusterSettings("c", partitions));
            IntStream.range(0, nodes).forEach(this::register);
            for (int id = 0; id < partitions; id++) {
                List<String> all = new ArrayList<>(image.nodes().keySet());
                Collections.shuffle(all, random);
                image = image.with(new Versioned<>(led(id, all.subList(0, copies)), 1));
            }
        }

        private void register(int number) {
            String rack = racks == 0 ? "" : "r" + number % racks;
            image = image.with(new NodeInfo("n" + number, "i", rack, null, null, null, null, "test"));
        }

        private static PartitionState led(int id, List<String> replicas) {
            return PartitionState.withoutLeader(id, replicas, 1)
                    .withLeadership(
                            new NodeIncarnation(replicas.getFirst(), "i"),
                            1,
                            replicas.stream()
                                    .map(node -> new CopyId(node, "copy-" + node))
                                    .collect(Collectors.toSet()));
        }

        MovePlan plan(MoveGoal goal) {
            MovePlanner.Outcome outcome = MovePlanner.plan(image, goal);
            assertThat(outcome).isInstanceOf(MovePlanner.Outcome.Planned.class);
            return ((MovePlanner.Outcome.Planned) outcome).plan();
        }

        /// Stores the targets; the moves are in progress then.
        void store(MovePlan plan) {
            TreeSet<String> draining = new TreeSet<>(image.draining());
            draining.addAll(plan.drain());
            draining.removeAll(plan.undrain());
            image = image.withDraining(draining);
            for (MovePlan.Move move : plan.moves()) {
                PartitionState state =
                        image.partition(move.partition()).orElseThrow().value();
                image = image.with(new Versioned<>(state.withTarget(move.to()), 2));
            }
        }

        List<List<String>> targets() {
            return image.partitions().values().stream()
                    .map(partition -> partition.value().targetReplicas())
                    .toList();
        }

        IntSummaryStatistics perNode(Function<List<String>, List<String>> which) {
            return image.nodes().keySet().stream()
                    .filter(image::mayKeepCopies)
                    .mapToInt(node -> (int) targets().stream()
                            .filter(replicas -> which.apply(replicas).contains(node))
                            .count())
                    .summaryStatistics();
        }

        int racksOf(List<String> replicas) {
            return (int) replicas.stream()
                    .map(node -> image.node(node).orElseThrow().rack())
                    .distinct()
                    .count();
        }
    }

    @Test
    void rebalancingLevelsCopiesAndLeaders() {
        for (long seed = 1; seed <= RUNS; seed++) {
            Cluster cluster = new Cluster(seed, false);

            cluster.store(cluster.plan(new MoveGoal.Rebalance()));

            IntSummaryStatistics copies = cluster.perNode(Function.identity());
            assertThat(copies.getMax() - copies.getMin())
                    .as("copies, seed %d", seed)
                    .isLessThanOrEqualTo(1);
            IntSummaryStatistics leads = cluster.perNode(replicas -> replicas.subList(0, 1));
            assertThat(leads.getMax() - leads.getMin())
                    .as("leads, seed %d", seed)
                    .isLessThanOrEqualTo(1);
        }
    }

    @Test
    void rebalancingMovesNoMoreCopiesThanItMust() {
        for (long seed = 1; seed <= RUNS; seed++) {
            Cluster cluster = new Cluster(seed, false);
            int share = cluster.partitions * cluster.copies / cluster.nodes;
            int withOneMore = cluster.partitions * cluster.copies % cluster.nodes;
            List<Integer> counts = cluster.image.nodes().keySet().stream()
                    .map(node -> (int) cluster.targets().stream()
                            .filter(replicas -> replicas.contains(node))
                            .count())
                    .sorted(Collections.reverseOrder())
                    .toList();
            int excess = IntStream.range(0, counts.size())
                    .map(i -> Math.max(0, counts.get(i) - share - (i < withOneMore ? 1 : 0)))
                    .sum();

            MovePlan plan = cluster.plan(new MoveGoal.Rebalance());

            assertThat(plan.moves().stream()
                            .mapToInt(move -> move.added().size())
                            .sum())
                    .as("seed %d", seed)
                    .isEqualTo(excess);
        }
    }

    @Test
    void noPartitionLosesARackAndThoseThatLackOneGetIt() {
        for (long seed = 1; seed <= RUNS; seed++) {
            Cluster cluster = new Cluster(seed, true);

            cluster.store(cluster.plan(new MoveGoal.Rebalance()));

            assertThat(cluster.targets())
                    .as("seed %d", seed)
                    .allSatisfy(replicas -> assertThat(cluster.racksOf(replicas))
                            .isEqualTo(Math.min(cluster.copies, Math.min(cluster.racks, cluster.nodes))));
        }
    }

    @Test
    void everyPlanKeepsTheReplicationFactorAndIsIdempotent() {
        for (long seed = 1; seed <= RUNS; seed++) {
            for (MoveGoal goal : List.of(
                    new MoveGoal.Rebalance(),
                    new MoveGoal.AddNode("n0"),
                    new MoveGoal.View(new TreeSet<>(Set.of("n0", "n1", "n2")), 2))) {
                Cluster cluster = new Cluster(seed, seed % 2 == 0);
                int copies = goal instanceof MoveGoal.View(var _, int wanted) ? wanted : cluster.copies;

                MovePlan plan = cluster.plan(goal);
                cluster.store(plan);

                assertThat(cluster.targets())
                        .as("seed %d", seed)
                        .allSatisfy(
                                replicas -> assertThat(replicas).hasSize(copies).doesNotHaveDuplicates());
                MovePlan again = cluster.plan(goal);
                assertThat(again.isEmpty()).as("seed %d, %s", seed, goal).isTrue();
                assertThat(again.inProgress()).hasSameSizeAs(plan.moves());
            }
        }
    }

    @Test
    void aNodeThatIsAddedTakesItsShareAndNothingElseMoves() {
        for (long seed = 1; seed <= RUNS; seed++) {
            Cluster cluster = new Cluster(seed, false);
            cluster.store(cluster.plan(new MoveGoal.Rebalance()));
            cluster.register(cluster.nodes);
            String added = "n" + cluster.nodes;
            int share = cluster.partitions * cluster.copies / (cluster.nodes + 1);

            MovePlan plan = cluster.plan(new MoveGoal.AddNode(added));
            cluster.store(plan);

            assertThat(cluster.targets().stream().filter(replicas -> replicas.contains(added)))
                    .as("seed %d", seed)
                    .hasSize(share);
            assertThat(plan.moves()).allSatisfy(move -> assertThat(move.added()).isSubsetOf(added));
            IntSummaryStatistics leads = cluster.perNode(replicas -> replicas.subList(0, 1));
            assertThat(cluster.targets().stream()
                            .filter(replicas -> replicas.getFirst().equals(added)))
                    .as("leads, seed %d", seed)
                    .hasSizeGreaterThanOrEqualTo(Math.min(share, leads.getMax() - 1));
        }
    }

    @Test
    void aRemovedNodeIsReplacedEverywhereAsTheControllerReplacesIt() {
        for (long seed = 1; seed <= RUNS; seed++) {
            Cluster cluster = new Cluster(seed, seed % 2 == 0);
            if (cluster.copies == cluster.nodes) {
                continue;
            }
            ClusterImage drained = cluster.image.withDraining(new TreeSet<>(Set.of("n1")));
            Policy policy = new Policy(new ReplicationPolicy(cluster.copies, 1), 0, true, 0, 0);
            Set<PartitionState> byController = new HashSet<>();
            for (ControllerAction action : ControllerPlanner.next(drained, policy, Observations.NONE)) {
                if (action instanceof ControllerAction.ChangePartition(var step, var next, int _)
                        && step == ControllerAction.Step.REPLACE) {
                    byController.add(next);
                }
            }

            MovePlan plan = cluster.plan(new MoveGoal.RemoveNode("n1"));
            cluster.store(plan);

            assertThat(plan.drain()).containsExactly("n1");
            assertThat(cluster.targets()).noneMatch(replicas -> replicas.contains("n1"));
            assertThat(plan.moves().stream().map(MovePlan.Move::to).collect(Collectors.toSet()))
                    .as("seed %d", seed)
                    .isEqualTo(byController.stream().map(PartitionState::target).collect(Collectors.toSet()));
            assertThat(cluster.plan(new MoveGoal.RemoveNode("n1")).isEmpty()).isTrue();
        }
    }

    @Test
    void aLowerReplicationFactorGivesUpCopiesAndMovesNone() {
        for (long seed = 1; seed <= RUNS; seed++) {
            Cluster cluster = new Cluster(seed, true);
            List<List<String>> before = cluster.targets();

            MovePlan plan = cluster.plan(new MoveGoal.ReplicationFactor(1));
            cluster.store(plan);

            assertThat(cluster.targets())
                    .allSatisfy(replicas -> assertThat(replicas).hasSize(1));
            assertThat(plan.moves()).allMatch(move -> move.added().isEmpty());
            assertThat(cluster.targets().stream().map(List::getFirst))
                    .as("the preferred replicas stay")
                    .containsExactlyElementsOf(
                            before.stream().map(List::getFirst).toList());
        }
    }

    @Test
    void aHigherReplicationFactorAddsCopiesInOtherRacks() {
        Cluster cluster = new Cluster(3, true);
        int copies = Math.min(3, cluster.nodes);

        cluster.store(cluster.plan(new MoveGoal.ReplicationFactor(copies)));

        assertThat(cluster.targets()).allSatisfy(replicas -> {
            assertThat(replicas).hasSize(copies);
            assertThat(cluster.racksOf(replicas)).isGreaterThan(1);
        });
    }

    @Test
    void aViewDrainsTheOtherNodesAndTakesItsOwnBack() {
        Cluster cluster = new Cluster(7, false);
        cluster.image = cluster.image.withDraining(new TreeSet<>(Set.of("n0")));

        MovePlan plan = cluster.plan(new MoveGoal.View(new TreeSet<>(Set.of("n0", "n1")), 2));

        assertThat(plan.undrain()).containsExactly("n0");
        assertThat(plan.drain()).contains("n2").doesNotContain("n1");
        assertThat(plan.moves()).allSatisfy(move -> assertThat(move.to()).containsExactlyInAnyOrder("n0", "n1"));
    }

    @Test
    void aGoalOutOfReachIsRefusedWithTheReason() {
        Cluster cluster = new Cluster(5, false);
        PartitionState strict = new PartitionState(
                0,
                List.of("n0", "n1"),
                new NodeIncarnation("n0", "i"),
                1,
                Set.of(new CopyId("n0", "a"), new CopyId("n1", "b")),
                2);
        cluster.image = cluster.image.with(new Versioned<>(strict, 1));

        assertThat(refusal(cluster, new MoveGoal.ReplicationFactor(1)))
                .isEqualTo("replication factor 1 is less than the min-insync of partition 0, 2: no write could be"
                        + " acknowledged");
        assertThat(refusal(cluster, new MoveGoal.ReplicationFactor(16)))
                .startsWith("replication factor 16 takes as many nodes that are registered and not draining, and there"
                        + " are " + cluster.nodes + ": n0, n1");
        assertThat(refusal(cluster, new MoveGoal.AddNode("n77"))).startsWith("node n77 is not registered: start it");
        assertThat(refusal(cluster, new MoveGoal.RemoveNode("n77"))).startsWith("unknown node n77; registered: n0");
        assertThat(refusal(cluster, new MoveGoal.Reassign(0, List.of("n0"))))
                .contains("needs at least 2 copies (min-insync)");
        assertThat(refusal(cluster, new MoveGoal.View(new TreeSet<>(Set.of("n0", "n77")), 1)))
                .contains("node n77 of the view is not registered");
    }

    @Test
    void aNodeWhoseCopiesNoOtherCanTakeIsNotRemoved() {
        Cluster cluster = new Cluster(5, false);
        cluster.store(cluster.plan(new MoveGoal.ReplicationFactor(cluster.nodes)));

        assertThat(refusal(cluster, new MoveGoal.RemoveNode("n1")))
                .startsWith("no other node can take the copies that n1 keeps of partitions [0")
                .endsWith("add a node first, or lower the replication factor");
    }

    @Test
    void nothingIsPlannedBeforeThePartitionsExist() {
        Cluster cluster = new Cluster(5, false);
        cluster.image = ClusterImage.empty(new ClusterSettings("c", 3));

        assertThat(refusal(cluster, new MoveGoal.Rebalance())).contains("not created yet");
    }

    private static String refusal(Cluster cluster, MoveGoal goal) {
        return MovePlanner.plan(cluster.image, goal) instanceof MovePlanner.Outcome.Refused(String reason)
                ? reason
                : "planned";
    }
}
