package io.caskade.server.simulator;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.simulator.CoordinatorLink.Reach;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The coordinator is away from all nodes, and one node is paused, cut off or killed: what must go on
/// meanwhile.
///
/// The in-sync sets cannot change. A partition in whose set the node is not goes on reading and writing. One in
/// whose set it is refuses at once all but what was in its log already, and serves again when the node is back,
/// although the coordinator is not. Not asked of partitions whose leader was just being elected when the
/// coordinator went, as some copy cannot learn of it, nor of those that were being moved, as their leader
/// cannot learn whether a copy has joined. Begins with a whole cluster, and once all earlier faults have mended
/// themselves.
final class Outage {

    /// Until an earlier lease and a grace are over everywhere, and what was in flight to the coordinator has
    /// ended.
    private static final long SETTLING_MILLIS = 3_000;

    private static final long WINDOW_MILLIS = 2_000;
    private static final long RETURN_MILLIS = 3_000;
    private static final long SLICE_MILLIS = 50;

    private enum Kind {
        PAUSED,
        CUT_OFF,
        KILLED
    }

    private final Simulation simulation;
    private final Timeline world;
    private final VirtualTimeline time;
    private final SimulatedNode struck;
    private final Kind kind;

    /// How many requests of each partition were in its leader's log before the sets could not change.
    private final Map<Integer, Integer> waiting = new HashMap<>();

    Outage(Simulation simulation, RandomGenerator random) {
        this.simulation = simulation;
        this.time = simulation.world();
        this.world = time;
        this.struck = simulation.nodes().get(random.nextInt(simulation.nodes().size()));
        this.kind = Kind.values()[random.nextInt(Kind.values().length)];
    }

    void run() {
        time.pass(Faults.LONG_MILLIS);
        simulation.transcript(() -> "OUTAGE, and " + struck.name() + " is " + kind);
        simulation.coverage().reached("outage: node " + kind);
        simulation.nodes().forEach(node -> node.link().set(Reach.CUT));
        time.pass(SETTLING_MILLIS);
        Set<Integer> settled = settled();
        strike();
        time.pass(SETTLING_MILLIS);
        Map<Integer, Long> committed = new HashMap<>();
        settled.forEach(id -> committed.put(id, simulation.invariants().committedEnd(id)));
        committed.keySet().forEach(id -> waiting.put(id, waitingAtLeader(id)));
        long end = world.now() + WINDOW_MILLIS;
        while (world.now() < end) {
            time.pass(SLICE_MILLIS);
            committed.keySet().forEach(this::checkMeanwhile);
        }
        committed.forEach(this::checkProgress);
        if (kind != Kind.KILLED) {
            comeBack();
            settled.forEach(this::awaitServed);
        }
        simulation.nodes().forEach(node -> node.link().set(Reach.OPEN));
        if (kind == Kind.KILLED) {
            struck.start();
        }
    }

    private void strike() {
        switch (kind) {
            case PAUSED -> process().timeline().pause();
            case CUT_OFF -> others((one, other) -> simulation.network().cut(one, other));
            case KILLED -> struck.kill();
        }
    }

    private void comeBack() {
        if (kind == Kind.PAUSED) {
            process().timeline().goOn();
        } else {
            simulation.network().heal();
        }
    }

    private SimulatedProcess process() {
        SimulatedProcess process = struck.process();
        if (process == null) {
            throw new IllegalStateException(struck.name() + " has no process");
        }
        return process;
    }

    private interface Cut {
        void between(String one, String other);
    }

    private void others(Cut cut) {
        for (SimulatedNode other : simulation.nodes()) {
            if (other != struck) {
                cut.between(struck.name(), other.name());
                cut.between(other.name(), struck.name());
            }
        }
    }

    /// The partitions that are not being moved, and whose copies in sync all know of the newest epoch.
    private Set<Integer> settled() {
        return IntStream.range(0, simulation.options().partitions())
                .filter(id -> !state(id).isReassigning())
                .filter(id -> state(id).isr().stream().allMatch(copy -> knowsEpoch(copy.node(), id)))
                .boxed()
                .collect(Collectors.toSet());
    }

    private boolean knowsEpoch(String node, int partition) {
        SimulatedProcess process = simulation.node(node).process();
        SimulatedPartition hosted = process == null ? null : process.partition(partition);
        return hosted != null
                && hosted.store().epochs().latest() == state(partition).epoch();
    }

    private PartitionState state(int partition) {
        Versioned<PartitionState> state = simulation.servers().read(partition);
        if (state == null) {
            throw new IllegalStateException("partition " + partition + " has no state");
        }
        return state.value();
    }

    private boolean isOtherwiseWhole(PartitionState state) {
        return state.isr().stream().map(CopyId::node).noneMatch(struck.name()::equals);
    }

    private void checkMeanwhile(int partition) {
        PartitionState state = state(partition);
        NodeIncarnation leader = state.leader();
        if (isOtherwiseWhole(state)) {
            simulation.coverage().reached("outage: partition goes on");
            if (!simulation.isServed(state)) {
                throw broken("an outage stops nothing that is whole", state);
            }
        } else if (waitingAtLeader(partition) > Objects.requireNonNull(waiting.get(partition))) {
            throw broken("no request waits for a copy that cannot be removed", state);
        } else if (leader != null && !leader.node().equals(struck.name())) {
            simulation.coverage().reached("outage: requests refused");
        }
    }

    /// How many requests wait at a leader that is not the struck node.
    private int waitingAtLeader(int partition) {
        NodeIncarnation leader = state(partition).leader();
        if (leader == null || leader.node().equals(struck.name())) {
            return 0;
        }
        SimulatedProcess process = simulation.node(leader.node()).process();
        SimulatedPartition hosted = process == null ? null : process.partition(partition);
        return hosted == null ? 0 : hosted.waitingForLeader();
    }

    /// A request that waits when the window ends may have come at its very end: it has the time of a window.
    private void checkProgress(int partition, long before) {
        long end = world.now() + WINDOW_MILLIS;
        while (isStalled(partition, before)) {
            if (world.now() >= end) {
                throw broken(
                        "an outage stops nothing that is whole: nothing was written for " + WINDOW_MILLIS,
                        state(partition));
            }
            time.pass(SLICE_MILLIS);
        }
    }

    /// Chance may have no client write there.
    private boolean isStalled(int partition, long before) {
        return waitingAtLeader(partition) > 0
                && isOtherwiseWhole(state(partition))
                && simulation.invariants().committedEnd(partition) <= before;
    }

    private void awaitServed(int partition) {
        long end = world.now() + RETURN_MILLIS;
        while (!simulation.isServed(state(partition))) {
            if (world.now() >= end) {
                throw broken("all serve again when the node is back, without the coordinator", state(partition));
            }
            time.pass(SLICE_MILLIS);
        }
        simulation.coverage().reached("outage: served again");
    }

    private InvariantBroken broken(String invariant, PartitionState state) {
        return simulation
                .invariants()
                .broken(invariant, struck.name() + " is " + kind + ", " + state + simulation.describe());
    }
}
