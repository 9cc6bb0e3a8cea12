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
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever state controllers leave a cluster in, whichever of their steps were carried out and in which order,
/// the next ones bring it to where it should be. Leaders and followers are a model here: they do what the state
/// lets them do, in any order. The simulation has real ones.
class ControllerConvergenceTest {

    private static final int RUNS = 400;
    private static final int STEPS = 120;
    private static final int MAX_STEPS_TO_REST = 3_000;
    private static final List<String> NODES = List.of("a", "b", "c", "d", "e", "f");

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void everyReachableStateConvergesToAHealthyCluster(int copies) {
        for (long seed = 1; seed <= RUNS; seed++) {
            Model model = new Model(seed, copies);
            for (int i = 0; i < STEPS; i++) {
                model.misfortune();
                model.somebodyActs();
            }
            model.allCome();
            model.rest();

            assertThat(model.image.partitions().values())
                    .as("seed %d", seed)
                    .map(Versioned::value)
                    .allSatisfy(model::assertWhole);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aMoveReachesItsTargetWhereverControllersDie(int copies) {
        for (long seed = 1; seed <= RUNS; seed++) {
            Model model = new Model(seed, copies);
            model.rest();
            List<String> target = model.anyTarget();
            model.ask(AdminRequests.moveReplicas(model.image, 0, target));

            model.rest();

            assertThat(model.image.partition(0).orElseThrow().value().replicas())
                    .as("seed %d", seed)
                    .isEqualTo(target);
        }
    }

    /// A cluster in which leaders and followers do as they should.
    private static final class Model {
        private final Random random;
        private final Policy policy;
        private ClusterImage image = ClusterImage.empty(new ClusterSettings("c", 2));
        private int processes;

        Model(long seed, int copies) {
            random = new Random(seed);
            policy = new Policy(new ReplicationPolicy(copies, 1 + random.nextInt(copies)), 1, true, 1, 0);
            allCome();
        }

        void allCome() {
            NODES.stream().filter(node -> image.node(node).isEmpty()).forEach(this::come);
        }

        private void come(String node) {
            String rack = "r" + NODES.indexOf(node) % 3;
            image = image.with(new NodeInfo(node, "i" + ++processes, rack, null, null, null, null, "test"));
        }

        void misfortune() {
            String node = any(NODES);
            switch (random.nextInt(12)) {
                case 0, 1 -> image = image.without(node);
                case 2, 3, 4 -> {
                    if (image.node(node).isEmpty()) {
                        come(node);
                    }
                }
                case 5 -> {
                    SortedSet<String> draining = new TreeSet<>(image.draining());
                    if (!draining.remove(node) && draining.size() < 2) {
                        draining.add(node);
                    }
                    image = image.withDraining(draining);
                }
                case 6 -> ask(AdminRequests.moveReplicas(image, random.nextInt(2), anyTarget()));
                case 7 -> ask(AdminRequests.moveLeader(image, random.nextInt(2), node));
                default -> {}
            }
        }

        List<String> anyTarget() {
            List<String> nodes = new ArrayList<>(NODES);
            Collections.shuffle(nodes, random);
            return nodes.subList(0, policy.replication().minInSync() + random.nextInt(3));
        }

        private <T> T any(List<T> list) {
            return list.get(random.nextInt(list.size()));
        }

        void ask(AdminRequests.Outcome answer) {
            if (answer instanceof AdminRequests.Outcome.Change(PartitionState next, int expectedVersion)) {
                store(next, expectedVersion);
            }
        }

        private void store(PartitionState next, int expectedVersion) {
            PartitionState before =
                    image.partition(next.id()).map(Versioned::value).orElse(next);
            assertOneStep(before, next);
            image = image.with(new Versioned<>(next, expectedVersion + 1));
        }

        private static void assertOneStep(PartitionState before, PartitionState after) {
            if (after.epoch() == 0) {
                return;
            }
            Set<String> changed = new HashSet<>(after.replicas());
            before.replicas().forEach(node -> {
                if (!changed.remove(node)) {
                    changed.add(node);
                }
            });
            assertThat(changed.size()).as("%s to %s", before, after).isLessThanOrEqualTo(1);
        }

        /// One decision is carried out of those made, or one leader does something.
        boolean somebodyActs() {
            List<Runnable> actions = new ArrayList<>();
            for (ControllerAction action : ControllerPlanner.next(image, policy, observed())) {
                actions.add(() -> carryOut(action));
            }
            image.partitions().values().forEach(partition -> addActions(partition, actions));
            if (actions.isEmpty()) {
                return false;
            }
            any(actions).run();
            return true;
        }

        private void carryOut(ControllerAction action) {
            switch (action) {
                case ControllerAction.CreatePartition(PartitionState state) -> store(state, -1);
                case ControllerAction.ChangePartition(var _, PartitionState next, int version) -> store(next, version);
            }
        }

        private Observations observed() {
            return new Observations(
                    NODES.stream().filter(node -> image.node(node).isEmpty()).collect(Collectors.toSet()),
                    image.partitions().keySet(),
                    Set.of());
        }

        private void addActions(Versioned<PartitionState> partition, List<Runnable> actions) {
            PartitionState state = partition.value();
            if (state.epoch() == 0) {
                image.node(state.replicas().getFirst())
                        .ifPresent(node -> actions.add(() -> store(
                                state.withLeadership(leader(node), 1, Set.of(copy(node.id()))), partition.version())));
                return;
            }
            NodeIncarnation leader = state.leader();
            if (leader == null || image.leaderOf(state.id()).isEmpty()) {
                return;
            }
            Set<CopyId> wanted = inSync(state, leader.node());
            if (!wanted.equals(state.isr())) {
                actions.add(() -> store(state.withIsr(wanted), partition.version()));
            }
            String successor = state.successor();
            if (successor != null) {
                image.node(successor)
                        .ifPresent(node -> actions.add(() -> store(
                                state.withLeadership(leader(node), state.epoch() + 1, state.isr()),
                                partition.version())));
            }
        }

        /// Who is there joins, or has not caught up yet; who is gone leaves; then those who are to go.
        private Set<CopyId> inSync(PartitionState state, String leader) {
            Set<CopyId> wanted = new HashSet<>(state.isr());
            state.replicas().stream()
                    .filter(node -> image.node(node).isPresent())
                    .map(Model::copy)
                    .forEach(wanted::add);
            wanted.removeIf(copy -> image.node(copy.node()).isEmpty() && wanted.size() > state.minInSync());
            boolean settled =
                    state.replicas().stream().filter(state::isStaying).allMatch(node -> wanted.contains(copy(node)));
            if (state.isReassigning() && settled) {
                wanted.removeIf(copy -> !state.isStaying(copy.node())
                        && !copy.node().equals(leader)
                        && wanted.size() > state.target().size());
            }
            return wanted;
        }

        private static NodeIncarnation leader(NodeInfo node) {
            return new NodeIncarnation(node.id(), node.incarnation());
        }

        private static CopyId copy(String node) {
            return new CopyId(node, "copy-" + node);
        }

        void rest() {
            for (int i = 0; i < MAX_STEPS_TO_REST; i++) {
                if (!somebodyActs()) {
                    return;
                }
            }
            throw new AssertionError("no rest: " + image);
        }

        void assertWhole(PartitionState state) {
            assertThat(state.target()).isEmpty();
            assertThat(state.successor()).isNull();
            assertThat(state.isr()).hasSameSizeAs(state.replicas());
            assertThat(image.draining())
                    .allMatch(node -> NodeDrain.of(image, node).isComplete());
            assertThat(image.leaderOf(state.id()).map(NodeInfo::id))
                    .isEqualTo(state.replicas().stream()
                            .filter(node -> !image.draining().contains(node))
                            .findFirst());
        }
    }
}
