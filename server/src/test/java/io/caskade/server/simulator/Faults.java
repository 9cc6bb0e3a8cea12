package io.caskade.server.simulator;

import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.simulator.CoordinatorLink.Reach;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;

/// What goes wrong in a run. Each fault mends itself after a while, and all of them at the end.
///
/// What can be survived bounds what is done: of the copies that are in sync, one at least stays whole, and only
/// where at least two must be in sync is any spoiled.
final class Faults {

    private static final int SHORT_MILLIS = 800;

    /// The longest that a fault lasts.
    static final int LONG_MILLIS = 5000;

    private static final long HANG_MILLIS = 4000;

    private final Simulation simulation;
    private final Timeline world;

    /// When faults strike, whichever they are and whether or not some are left out.
    private final RandomGenerator schedule;

    /// What decides the course of the newest fault.
    private RandomGenerator random;

    /// When nodes are restarted with other timeouts.
    private final RandomGenerator rollout;

    /// Whether nodes have different timeouts in this run.
    private final boolean rollsOut;

    private String struckNode = "";
    private boolean healed;
    private boolean resting;

    Faults(Simulation simulation) {
        this.simulation = simulation;
        this.world = simulation.world();
        this.schedule = new Random(-simulation.seed());
        this.random = schedule;
        this.rollout = new Random(~simulation.seed());
        this.rollsOut = rollout.nextInt(3) == 0;
    }

    /// A rolling change of the timeouts may have begun before the run: one node has the longer ones.
    void chooseTimeouts() {
        if (rollsOut) {
            List<SimulatedNode> nodes = simulation.nodes();
            nodes.get(rollout.nextInt(nodes.size())).setTimeouts(SimulationOptions.LONGER);
        }
    }

    void begin() {
        strikeLater();
        mergeLater();
        mendFenced();
        if (rollsOut) {
            changeTimeoutsLater();
        }
    }

    private void strikeLater() {
        world.after(1 + schedule.nextInt(simulation.options().faultEveryMillis()), () -> {
            if (!healed) {
                simulation.injections().next().ifPresent(course -> {
                    random = course;
                    strike();
                });
                strikeLater();
            }
        });
    }

    private void mergeLater() {
        world.after(50 + schedule.nextInt(600), () -> {
            SimulatedNode node =
                    simulation.nodes().get(schedule.nextInt(simulation.nodes().size()));
            SimulatedProcess process = node.process();
            if (process != null && process.timeline().isRunning()) {
                boolean scrubs = schedule.nextInt(3) == 0;
                String what = scrubs ? "scrub" : "merge";
                simulation.coverage().reached("fault " + what);
                simulation.transcript(() -> what + " at " + node.name());
                process.maintain(scrubs);
            }
            if (!resting) {
                mergeLater();
            }
        });
    }

    /// An operator repairs nodes whose disk failed.
    private void mendFenced() {
        world.after(1000, () -> {
            for (SimulatedNode node : simulation.nodes()) {
                SimulatedProcess process = node.process();
                if (process != null && process.timeline().isRunning() && process.hasFencedCopy()) {
                    node.losePower();
                    node.start();
                }
            }
            mendFenced();
        });
    }

    /// A rolling change of the timeouts: node by node, back and forth, so that nodes of different ones work
    /// together in any mixture.
    private void changeTimeoutsLater() {
        world.after(200 + rollout.nextInt(1500), () -> {
            if (!healed) {
                simulation.injections().next().ifPresent(course -> {
                    random = course;
                    if (random.nextInt(3) == 0) {
                        cutOffFromAll(nodeWithTheLongestLease());
                    } else {
                        changeTimeouts(anyNode());
                    }
                });
                changeTimeoutsLater();
            }
        });
    }

    private SimulatedNode nodeWithTheLongestLease() {
        List<SimulatedNode> nodes = new ArrayList<>(simulation.nodes());
        Collections.shuffle(nodes, Random.from(random));
        return nodes.stream()
                .max(Comparator.comparingLong(node -> node.timeouts().lease()))
                .orElseThrow();
    }

    /// Hears neither the other nodes nor the coordinator: what it answers rests on its lease alone.
    private void cutOffFromAll(SimulatedNode node) {
        struckNode = node.name();
        coordinator(node, Reach.CUT, LONG_MILLIS);
        isolate(node);
    }

    private void changeTimeouts(SimulatedNode node) {
        struckNode = node.name();
        reached("timeouts changed");
        node.setTimeouts(SimulationOptions.TIMINGS.get(random.nextInt(SimulationOptions.TIMINGS.size())));
        if (random.nextBoolean()) {
            restart(node);
        } else {
            crash(node);
        }
    }

    private void reached(String fault) {
        simulation.coverage().reached("fault " + fault);
        simulation.injections().note(world.now(), fault + ", " + struckNode);
        simulation.transcript(() -> "FAULT " + fault);
    }

    private SimulatedNode anyNode() {
        List<SimulatedNode> nodes = simulation.nodes();
        return nodes.get(random.nextInt(nodes.size()));
    }

    private long time(int most) {
        return 1L + random.nextInt(most);
    }

    private void strike() {
        SimulatedNode node = anyNode();
        struckNode = node.name();
        switch (random.nextInt(28)) {
            case 0 -> cutOneWay(node);
            case 1 -> isolate(node);
            case 2 -> split();
            case 3 -> coordinator(node, Reach.CUT, SHORT_MILLIS);
            case 4 -> coordinator(node, Reach.CUT, LONG_MILLIS);
            case 5 -> coordinator(node, Reach.ANSWERS_LOST, SHORT_MILLIS);
            case 6 -> coordinatorAway();
            case 7 -> expire(node);
            case 8, 9 -> crash(node);
            case 10 -> powerFailure(node);
            case 11 -> powerFailureOfAll();
            case 12 -> pause(node, SHORT_MILLIS, false);
            case 13 -> pause(node, LONG_MILLIS, false);
            case 14 -> pause(node, LONG_MILLIS, true);
            case 15 -> jump(node);
            case 16 -> slowDisk(node);
            case 17 -> failSync(node);
            case 18 -> fillDisk(node);
            case 19 -> spoil(node);
            case 20, 24, 25 -> restart(node);
            case 21 -> slowCoordinator();
            case 22 -> splitWithCoordinator(Reach.CUT);
            case 23 -> splitWithCoordinator(Reach.ANSWERS_LOST);
            default -> misbehave();
        }
    }

    private void cutOneWay(SimulatedNode node) {
        SimulatedNode other = anyNode();
        reached("one-way cut");
        simulation.network().cut(node.name(), other.name());
        healNetworkLater();
    }

    private void isolate(SimulatedNode node) {
        reached("node cut off");
        for (SimulatedNode other : simulation.nodes()) {
            if (other != node) {
                simulation.network().cut(node.name(), other.name());
                simulation.network().cut(other.name(), node.name());
            }
        }
        healNetworkLater();
    }

    private void split() {
        reached("network split");
        cutBetween(anySide());
        healNetworkLater();
    }

    /// One side keeps the coordinator; the other loses it, or does not hear its answers any more.
    private void splitWithCoordinator(Reach reach) {
        reached("network split, coordinator " + reach + " on one side");
        Set<SimulatedNode> side = anySide();
        cutBetween(side);
        side.forEach(node -> node.link().set(reach));
        healNetworkLater();
        world.after(time(LONG_MILLIS), () -> side.forEach(node -> node.link().set(Reach.OPEN)));
    }

    private Set<SimulatedNode> anySide() {
        Set<SimulatedNode> side = new LinkedHashSet<>();
        for (SimulatedNode node : simulation.nodes()) {
            if (random.nextBoolean()) {
                side.add(node);
            }
        }
        return side;
    }

    private void cutBetween(Set<SimulatedNode> side) {
        for (SimulatedNode one : simulation.nodes()) {
            for (SimulatedNode other : simulation.nodes()) {
                if (side.contains(one) != side.contains(other)) {
                    simulation.network().cut(one.name(), other.name());
                }
            }
        }
    }

    private void slowCoordinator() {
        reached("coordinator slow");
        int millis = 100 + random.nextInt(2000);
        simulation.nodes().forEach(node -> node.link().slowDown(millis));
        world.after(
                time(LONG_MILLIS),
                () -> simulation.nodes().forEach(node -> node.link().slowDown(0)));
    }

    private void healNetworkLater() {
        world.after(time(LONG_MILLIS), () -> simulation.network().heal());
    }

    private void coordinator(SimulatedNode node, Reach reach, int most) {
        reached("coordinator " + reach + (most == LONG_MILLIS ? " long" : ""));
        node.link().set(reach);
        world.after(time(most), () -> node.link().set(Reach.OPEN));
    }

    private void coordinatorAway() {
        reached("coordinator away from all");
        simulation.nodes().forEach(node -> node.link().set(Reach.CUT));
        world.after(
                time(LONG_MILLIS),
                () -> simulation.nodes().forEach(node -> node.link().set(Reach.OPEN)));
    }

    private void expire(SimulatedNode node) {
        SimulatedProcess process = node.process();
        if (process != null) {
            reached("session expired");
            process.coordinator().expireSession();
        }
    }

    private void crash(SimulatedNode node) {
        if (node.process() != null) {
            reached("process killed");
            node.kill();
            breakConnections(node);
            startLater(node, LONG_MILLIS);
        }
    }

    /// The others' connections to it break at once, or they notice nothing.
    private void breakConnections(SimulatedNode node) {
        if (random.nextBoolean()) {
            reached("connection broken");
            for (SimulatedNode other : simulation.nodes()) {
                SimulatedProcess process = other.process();
                if (process != null) {
                    process.peerLost(node.name());
                }
            }
        }
    }

    private void startLater(SimulatedNode node, int most) {
        world.after(time(most), () -> start(node));
    }

    private static void start(SimulatedNode node) {
        if (node.process() == null) {
            node.start();
        }
    }

    private void powerFailure(SimulatedNode node) {
        reached("power failure");
        node.losePower();
        startLater(node, 3000);
    }

    private void powerFailureOfAll() {
        if (random.nextInt(3) == 0) {
            reached("power failure of all");
            for (SimulatedNode node : simulation.nodes()) {
                node.losePower();
                startLater(node, 3000);
            }
        }
    }

    private void pause(SimulatedNode node, int most, boolean suspended) {
        SimulatedProcess process = node.process();
        if (process == null
                || !process.timeline().isRunning()
                || (suspended && !node.clock().mayLie())) {
            return;
        }
        reached(suspended ? "machine suspended" : most == LONG_MILLIS ? "long pause" : "short pause");
        process.timeline().pause();
        long millis = time(most);
        world.after(millis, () -> {
            // A machine that was started again meanwhile did not stand still.
            if (suspended && process.equals(node.process())) {
                node.clock().suspended(millis);
            }
            process.timeline().goOn();
        });
    }

    private void jump(SimulatedNode node) {
        SimulatedProcess process = node.process();
        boolean stands = process != null && process.timeline().isPaused();
        if (stands || !node.clock().mayLie()) {
            return;
        }
        reached("wall clock set");
        node.clock().jump(random.nextInt(4000) - 2000);
    }

    private void slowDisk(SimulatedNode node) {
        boolean hangs = random.nextInt(3) == 0;
        reached(hangs ? "disk hangs" : "disk slow");
        node.slowDown(hangs ? HANG_MILLIS : 50 + random.nextInt(100), world.now() + time(SHORT_MILLIS));
    }

    private void failSync(SimulatedNode node) {
        reached("sync fails");
        node.failNextSync();
    }

    private void fillDisk(SimulatedNode node) {
        reached("disk full");
        node.setDiskFull(true);
        world.after(time(2000), () -> node.setDiskFull(false));
    }

    /// Flips a bit in a copy, or takes the whole disk away.
    private void spoil(SimulatedNode node) {
        if (!node.knownPartitions().stream().allMatch(partition -> maySpoil(node, partition))) {
            return;
        }
        if (node.knownPartitions().stream().anyMatch(partition -> !areAllIntact(partition))) {
            reached("second copy spoiled");
        }
        if (random.nextBoolean()) {
            reached("disk lost");
            node.loseDisk();
        } else if (node.flipBits(random)) {
            reached("bit flipped");
        }
        startLater(node, 3000);
    }

    private boolean maySpoil(SimulatedNode node, int partition) {
        Versioned<PartitionState> state = simulation.servers().read(partition);
        return state != null
                && state.value().epoch() > 0
                && state.value().minInSync() >= 2
                && state.value().isr().stream()
                        .anyMatch(copy -> !copy.node().equals(node.name())
                                && simulation.invariants().isIntact(copy, partition));
    }

    private boolean areAllIntact(int partition) {
        Versioned<PartitionState> state = simulation.servers().read(partition);
        return state != null
                && state.value().isr().stream()
                        .allMatch(copy -> simulation.invariants().isIntact(copy, partition));
    }

    /// In order, as an operator does it.
    private void restart(SimulatedNode node) {
        SimulatedProcess process = node.process();
        if (process == null || !process.timeline().isRunning()) {
            return;
        }
        reached("restarted in order");
        process.stopInOrder();
        awaitStop(node, process, 50);
    }

    private void awaitStop(SimulatedNode node, SimulatedProcess process, int rounds) {
        world.after(100, () -> {
            if (node.process() != process) {
                return;
            }
            if (process.hasStopped()) {
                reached("stopped in order");
                process.close();
                process.coordinator().close();
            }
            if (process.hasStopped() || rounds == 0) {
                node.kill();
                startLater(node, 1000);
            } else {
                awaitStop(node, process, rounds - 1);
            }
        });
    }

    private void misbehave() {
        reached("network misbehaves");
        simulation.network().misbehave(random.nextInt(150), random.nextInt(50), random.nextInt(30));
        world.after(time(LONG_MILLIS), () -> simulation.network().misbehave(1, 3, 5));
    }

    /// Nothing is merged or scrubbed any more.
    void rest() {
        resting = true;
    }

    void heal() {
        healed = true;
        simulation.aimed().heal();
        simulation.network().heal();
        simulation.network().behave();
        for (SimulatedNode node : simulation.nodes()) {
            node.link().set(Reach.OPEN);
            node.link().slowDown(0);
            node.setDiskFull(false);
            node.slowDown(0, 0);
            start(node);
        }
    }
}
