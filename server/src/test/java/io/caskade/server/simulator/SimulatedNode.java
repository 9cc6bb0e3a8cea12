package io.caskade.server.simulator;

import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.replica.Message;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A machine: its disk and clocks, which outlive the processes it runs, one at a time.
final class SimulatedNode {

    private static final int MAX_SYNC_MILLIS = 6;

    private final Simulation simulation;
    private final String name;
    private final NodeClock clock;
    private final CoordinatorLink link;
    private final SimulatedCoordinator.Machine machine = new SimulatedCoordinator.Machine();
    private final SortedMap<Integer, SimulatedCopy> disk = new TreeMap<>();

    private @Nullable SimulatedProcess process;
    private int processes;
    private boolean diskFull;
    private long slowUntil;
    private long slowness;
    private boolean failNextSync;

    SimulatedNode(Simulation simulation, String name, NodeClock clock) {
        this.simulation = simulation;
        this.name = name;
        this.clock = clock;
        this.link =
                new CoordinatorLink(simulation.random(), simulation.options().coordinatorDelayMillis());
    }

    String name() {
        return name;
    }

    NodeClock clock() {
        return clock;
    }

    CoordinatorLink link() {
        return link;
    }

    SimulatedCoordinator.Machine machine() {
        return machine;
    }

    SortedMap<Integer, SimulatedCopy> disk() {
        return disk;
    }

    @Nullable
    SimulatedProcess process() {
        return process;
    }

    SimulatedCopy copy(int partition) {
        return disk.computeIfAbsent(partition, _ -> new SimulatedCopy(simulation.newId()));
    }

    void start() {
        process = new SimulatedProcess(simulation, this, name + "-" + ++processes);
        process.start();
    }

    void kill() {
        SimulatedProcess ending = process;
        process = null;
        if (ending != null) {
            ending.kill();
        }
    }

    void losePower() {
        kill();
        disk.values().forEach(copy -> copy.losePower(simulation.random()));
    }

    /// The disk is exchanged for an empty one.
    void loseDisk() {
        kill();
        disk.clear();
    }

    void receive(NodeIncarnation sender, int partition, Message message) {
        if (process != null) {
            process.receive(sender, partition, message);
        }
    }

    boolean isDiskFull() {
        return diskFull;
    }

    void setDiskFull(boolean full) {
        diskFull = full;
    }

    /// Has syncs take longer for a while.
    void slowDown(long millis, long until) {
        slowness = millis;
        slowUntil = until;
    }

    long syncMillis() {
        long usual = 1L + simulation.random().nextInt(MAX_SYNC_MILLIS);
        return simulation.world().now() < slowUntil ? usual + slowness : usual;
    }

    void failNextSync() {
        failNextSync = true;
    }

    boolean failsSync() {
        boolean fails = failNextSync;
        failNextSync = false;
        return fails;
    }
}
