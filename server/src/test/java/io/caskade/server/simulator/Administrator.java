package io.caskade.server.simulator;

import io.caskade.server.ReplicaMoves;
import io.caskade.server.cluster.CasResult;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.controller.AdminRequests;
import io.caskade.server.controller.MoveGoal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;

/// Asks the cluster for what administrators ask for: copies and leaders to be moved, nodes to be drained. Asks
/// any node, which may know less than others, or be cut off.
final class Administrator {

    private static final int MAX_DRAINED = 2;

    private final Simulation simulation;
    private final Random random;
    private boolean done;

    Administrator(Simulation simulation) {
        this.simulation = simulation;
        this.random = new Random(simulation.random().nextLong());
    }

    void begin() {
        simulation.world().after(500 + random.nextInt(simulation.options().askEveryMillis()), () -> {
            if (!done) {
                ask();
                begin();
            }
        });
    }

    void stop() {
        done = true;
    }

    private void ask() {
        SimulatedProcess process = any(simulation.nodes()).process();
        if (process == null || !process.timeline().isRunning()) {
            return;
        }
        ClusterImage image = process.image();
        if (image == null || image.partitions().size() < simulation.options().partitions()) {
            return;
        }
        int partition = random.nextInt(simulation.options().partitions());
        switch (random.nextInt(7)) {
            case 0, 1 -> carryOut(process, AdminRequests.moveReplicas(image, partition, anyTarget()));
            case 2, 3 ->
                carryOut(
                        process,
                        AdminRequests.moveLeader(
                                image, partition, any(simulation.nodes()).name()));
            case 4 -> drain(process, image);
            default -> move(process, image, anyGoal(image));
        }
    }

    private MoveGoal anyGoal(ClusterImage image) {
        String node = any(simulation.nodes()).name();
        return switch (random.nextInt(4)) {
            case 0 -> new MoveGoal.AddNode(node);
            case 1 ->
                image.draining().size() < MAX_DRAINED ? new MoveGoal.RemoveNode(node) : new MoveGoal.AddNode(node);
            case 2 ->
                new MoveGoal.ReplicationFactor(
                        1 + random.nextInt(simulation.nodes().size()));
            default -> new MoveGoal.Rebalance();
        };
    }

    /// As a node does it that is asked.
    private void move(SimulatedProcess process, ClusterImage image, MoveGoal goal) {
        String name = goal.getClass().getSimpleName();
        try {
            var _ = new ReplicaMoves(() -> image, process.coordinator())
                    .carryOut(goal)
                    .whenComplete((plan, failure) -> simulation
                            .coverage()
                            .reached(
                                    plan == null
                                            ? "plan not stored whole"
                                            : "plan stored: " + name
                                                    + (plan.moves().isEmpty() ? ", no moves" : "")));
        } catch (CommandRefusedException e) {
            simulation.coverage().reached("plan refused: " + name);
        }
    }

    private List<String> anyTarget() {
        List<String> nodes = new ArrayList<>(
                simulation.nodes().stream().map(SimulatedNode::name).toList());
        Collections.shuffle(nodes, random);
        int copies = simulation.options().policy().replication().replicationFactor();
        return nodes.subList(0, random.nextInt(4) > 0 ? copies : 1 + random.nextInt(nodes.size()));
    }

    private <T> T any(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private void carryOut(SimulatedProcess process, AdminRequests.Outcome answer) {
        simulation.coverage().reached("administrator told " + answer.getClass().getSimpleName());
        if (answer instanceof AdminRequests.Outcome.Change change) {
            CompletionStage<CasResult> _ = process.coordinator().compareAndSet(change.expectedVersion(), change.next());
        }
    }

    private void drain(SimulatedProcess process, ClusterImage image) {
        String node = image.draining().size() < MAX_DRAINED
                ? any(simulation.nodes()).name()
                : image.draining().first();
        boolean drains = !image.draining().contains(node);
        simulation.coverage().reached(drains ? "node drained" : "drained node taken back");
        CompletionStage<Void> _ = process.coordinator().setDraining(node, drains);
    }
}
