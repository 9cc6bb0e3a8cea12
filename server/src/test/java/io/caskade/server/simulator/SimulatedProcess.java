package io.caskade.server.simulator;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.controller.Controller;
import io.caskade.server.replica.Event;
import io.caskade.server.replica.Message;
import io.caskade.server.replica.Role;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// One process of a node, from its start to its end.
final class SimulatedProcess implements Coordinator.Observer {

    private static final long TICK_MILLIS = 80;

    private final Simulation simulation;
    private final SimulatedNode node;
    private final NodeIncarnation incarnation;
    private final ProcessTimeline timeline;
    private final SimulatedCoordinator coordinator;
    private final SortedMap<Integer, SimulatedPartition> partitions = new TreeMap<>();

    private @Nullable ClusterImage image;
    private boolean stopping;

    SimulatedProcess(Simulation simulation, SimulatedNode node, String incarnation) {
        this.simulation = simulation;
        this.node = node;
        this.incarnation = new NodeIncarnation(node.name(), incarnation);
        this.timeline = new ProcessTimeline(simulation.world());
        this.coordinator = SimulatedCoordinator.connect(
                timeline,
                simulation.world(),
                simulation.servers(),
                node.link(),
                node.machine(),
                simulation.options().sessionTimeoutMillis());
    }

    /// Begins to take part.
    void start() {
        CompletionStage<Void> _ = coordinator.register(new NodeInfo(
                node.name(), incarnation.incarnation(), simulation.rack(node.name()), null, null, null, null, "test"));
        coordinator.subscribe(this);
        new Controller(
                        coordinator,
                        node.name(),
                        simulation.options().policy(),
                        () -> node.clock().now().monotonic())
                .start();
        tick();
    }

    private void tick() {
        timeline.after(TICK_MILLIS, () -> {
            partitions.values().forEach(partition -> partition.tell(new Event.Ticked()));
            tick();
        });
    }

    NodeIncarnation self() {
        return incarnation;
    }

    SimulatedNode node() {
        return node;
    }

    ProcessTimeline timeline() {
        return timeline;
    }

    SimulatedCoordinator coordinator() {
        return coordinator;
    }

    SortedMap<Integer, SimulatedPartition> partitions() {
        return partitions;
    }

    /// What it knows of the cluster.
    @Nullable
    ClusterImage image() {
        return image;
    }

    @Override
    public void imageChanged(ClusterImage changed) {
        image = changed;
        for (Versioned<PartitionState> state : changed.partitions().values()) {
            int id = state.value().id();
            SimulatedPartition hosted = partitions.get(id);
            if (hosted == null && !stopping && state.value().isReplica(node.name())) {
                hosted = new SimulatedPartition(simulation, this, id, node.copy(id));
                partitions.put(id, hosted);
            }
            if (hosted != null) {
                hosted.tell(new Event.StateSeen(state));
                simulation.aimed().told(hosted, state);
            }
        }
    }

    void send(String to, int partition, Message message) {
        simulation.network().send(node.name(), to, () -> simulation.node(to).receive(incarnation, partition, message));
    }

    void receive(NodeIncarnation sender, int partition, Message message) {
        timeline.after(0, () -> {
            SimulatedPartition hosted = partitions.get(partition);
            if (hosted != null) {
                hosted.receive(sender, message);
            }
        });
    }

    @Nullable
    SimulatedPartition partition(int id) {
        return partitions.get(id);
    }

    void peerLost(String name) {
        timeline.after(0, () -> partitions.values().forEach(partition -> partition.tell(new Event.PeerLost(name))));
    }

    void stopInOrder() {
        stopping = true;
        timeline.after(0, () -> partitions.values().forEach(partition -> partition.tell(new Event.StopRequested())));
    }

    boolean hasStopped() {
        return partitions.values().stream()
                .map(partition -> partition.replica().role())
                .allMatch(role -> role instanceof Role.Stopped || role instanceof Role.Fenced);
    }

    boolean hasFencedCopy() {
        return partitions.values().stream()
                .anyMatch(partition ->
                        partition.replica().role() instanceof Role.Fenced(String _, boolean damaged) && !damaged);
    }

    /// Ends at once.
    void kill() {
        timeline.die();
        coordinator.crash();
    }
}
