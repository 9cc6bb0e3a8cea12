package io.caskade.server.simulator;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.replica.Effects;
import io.caskade.server.replica.Event;
import io.caskade.server.replica.Message;
import io.caskade.server.replica.Role;
import io.caskade.server.simulator.CoordinatorLink.Reach;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// Faults that strike while a replica does something that takes several to go right: most mistakes show only
/// when something fails between a question and its answer, which chance alone seldom hits.
final class AimedFaults {

    private static final int LATE_STATES_PER_MILLE = 20;
    private static final int SHORT_MILLIS = 800;
    private static final int LONG_MILLIS = 4000;
    private static final long HANG_MILLIS = 4000;

    /// What a replica is about, and how often in a thousand times that draws a fault.
    private enum Aim {
        CLAIM(150),
        HAND_OFF(500),
        JOIN(120),
        DROP(100),
        CUT(150),
        REBUILD(400),
        NEW_ROLE(80),
        OPEN(25),
        READ(60),
        SERVES(120),
        TRANSFER(600);

        private final int perMille;

        Aim(int perMille) {
            this.perMille = perMille;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    private final Simulation simulation;
    private final Timeline world;
    private final RandomGenerator chance;
    private boolean healed;

    AimedFaults(Simulation simulation, long seed) {
        this.simulation = simulation;
        this.world = simulation.world();
        this.chance = new Random(~seed);
    }

    /// Nothing more goes wrong.
    void heal() {
        healed = true;
    }

    /// A replica is going to have this done.
    void observe(SimulatedPartition partition, Role before, Role after, Effects effects) {
        if (healed) {
            return;
        }
        SimulatedNode node = partition.process().node();
        effects.stateWrite().ifPresent(write -> onStateWrite(node, partition, after, write.next()));
        if (effects.rebuild()) {
            consider(Aim.REBUILD, node, Optional.empty());
        }
        if (effects.truncate().isPresent()) {
            consider(Aim.CUT, node, Optional.empty());
        }
        if (effects.readState()) {
            consider(Aim.READ, node, Optional.empty());
        }
        if (!before.getClass().equals(after.getClass())) {
            consider(aimAt(after), node, Optional.empty());
        }
        effects.sends().stream()
                .filter(send -> send.message() instanceof Message.StreamOpen)
                .findFirst()
                .ifPresent(send -> consider(Aim.OPEN, node, Optional.of(send.to())));
    }

    private static Aim aimAt(Role role) {
        return switch (role) {
            case Role.Leader _ -> Aim.SERVES;
            case Role.Transferring _ -> Aim.TRANSFER;
            case Role.Follower _,
                    Role.Candidate _,
                    Role.PendingLeader _,
                    Role.Resigned _,
                    Role.Stopped _,
                    Role.Fenced _,
                    Role.Rebuilding _ -> Aim.NEW_ROLE;
        };
    }

    /// A replica was told of a state; a read that was answered late may tell of it once more.
    void onStateSeen(SimulatedPartition partition, Versioned<PartitionState> state) {
        if (!healed && chance.nextInt(1000) < LATE_STATES_PER_MILLE) {
            simulation.injections().next().ifPresent(random -> {
                reached(Aim.READ, partition.process().node(), "state told late");
                partition
                        .process()
                        .timeline()
                        .after(1L + random.nextInt(2000), () -> partition.tell(new Event.StateObserved(state)));
            });
        }
    }

    private void onStateWrite(SimulatedNode node, SimulatedPartition partition, Role role, PartitionState next) {
        PartitionState known = Objects.requireNonNull(simulation.servers().read(partition.id()))
                .value();
        if (role instanceof Role.Candidate) {
            consider(Aim.CLAIM, node, Optional.empty());
        } else if (role instanceof Role.Resigned) {
            consider(Aim.HAND_OFF, node, Optional.of(nodeOf(next)));
        } else {
            Set<CopyId> joining =
                    next.isr().stream().filter(copy -> !known.isInSync(copy)).collect(Collectors.toSet());
            Optional<String> joins = joining.stream().map(CopyId::node).sorted().findFirst();
            consider(joins.isPresent() ? Aim.JOIN : Aim.DROP, node, joins);
        }
    }

    private static String nodeOf(PartitionState state) {
        return state.leader() == null ? "" : state.leader().node();
    }

    private void consider(Aim aim, SimulatedNode node, Optional<String> other) {
        if (chance.nextInt(1000) < aim.perMille) {
            simulation.injections().next().ifPresent(random -> strike(aim, node, other, random));
        }
    }

    private void strike(Aim aim, SimulatedNode node, Optional<String> other, RandomGenerator random) {
        SimulatedNode target = other.filter(_ -> random.nextBoolean())
                .map(simulation::node)
                .orElse(random.nextInt(4) == 0 ? anyNode(random) : node);
        simulation.coverage().reached("aim " + aim);
        if (aim == Aim.REBUILD) {
            repeatOldMessages(aim, node, random);
        }
        boolean hands = aim == Aim.HAND_OFF || aim == Aim.TRANSFER;
        switch (hands && random.nextInt(3) == 0 ? 8 : random.nextInt(10)) {
            case 0 -> kill(aim, target, random);
            case 1 -> powerFailure(aim, target, random);
            case 2 -> pause(aim, target, random);
            case 3 -> cutOff(aim, target, random);
            case 4 -> reach(aim, node, Reach.ANSWERS_LOST, SHORT_MILLIS, random);
            case 5 -> reach(aim, node, Reach.CUT, LONG_MILLIS, random);
            case 6 -> delayStateWrite(aim, node, target, random);
            case 7 -> repeatOldMessages(aim, target, random);
            case 8 -> failDisk(aim, node, random);
            default -> expireSession(aim, node, random);
        }
    }

    private SimulatedNode anyNode(RandomGenerator random) {
        List<SimulatedNode> nodes = simulation.nodes();
        return nodes.get(random.nextInt(nodes.size()));
    }

    private void reached(Aim aim, SimulatedNode node, String fault) {
        simulation.coverage().reached("aimed fault " + fault);
        simulation.injections().note(world.now(), fault + ", " + node.name() + ", aimed at a " + aim);
        simulation.transcript(() -> "FAULT " + fault + " at " + node.name() + ", aimed at a " + aim);
    }

    /// Within what the replica has asked for, or a little later.
    private void soon(RandomGenerator random, Runnable fault) {
        world.after(random.nextInt(3) == 0 ? random.nextInt(40) : 0, fault);
    }

    private void kill(Aim aim, SimulatedNode node, RandomGenerator random) {
        reached(aim, node, "process killed");
        soon(random, node::kill);
        startLater(node, random);
    }

    private void powerFailure(Aim aim, SimulatedNode node, RandomGenerator random) {
        reached(aim, node, "power failure");
        soon(random, node::losePower);
        startLater(node, random);
    }

    private void startLater(SimulatedNode node, RandomGenerator random) {
        world.after(50L + random.nextInt(LONG_MILLIS), () -> {
            if (node.process() == null) {
                node.start();
            }
        });
    }

    private void pause(Aim aim, SimulatedNode node, RandomGenerator random) {
        reached(aim, node, "process paused");
        long millis = 1L + random.nextInt(random.nextBoolean() ? SHORT_MILLIS : LONG_MILLIS);
        soon(random, () -> {
            SimulatedProcess process = node.process();
            if (process != null && process.timeline().isRunning()) {
                process.timeline().pause();
                world.after(millis, process.timeline()::goOn);
            }
        });
    }

    private void cutOff(Aim aim, SimulatedNode node, RandomGenerator random) {
        reached(aim, node, "node cut off");
        boolean oneWay = random.nextBoolean();
        for (SimulatedNode other : simulation.nodes()) {
            if (other != node) {
                simulation.network().cut(other.name(), node.name());
                if (!oneWay) {
                    simulation.network().cut(node.name(), other.name());
                }
            }
        }
        world.after(1L + random.nextInt(LONG_MILLIS), simulation.network()::heal);
    }

    private void reach(Aim aim, SimulatedNode node, Reach reach, int most, RandomGenerator random) {
        reached(aim, node, "coordinator " + reach);
        node.link().set(reach);
        world.after(1L + random.nextInt(most), () -> node.link().set(Reach.OPEN));
    }

    /// What is asked of the coordinator arrives late; meanwhile whom it is about goes away.
    private void delayStateWrite(Aim aim, SimulatedNode node, SimulatedNode target, RandomGenerator random) {
        reached(aim, node, "question to the coordinator late");
        node.link().delayNext(300L + random.nextInt(1500));
        if (target != node) {
            pause(aim, target, random);
        }
    }

    /// What the node has said before arrives once more.
    private void repeatOldMessages(Aim aim, SimulatedNode node, RandomGenerator random) {
        reached(aim, node, "old messages");
        simulation.network().repeat(node.name(), random);
    }

    private void failDisk(Aim aim, SimulatedNode node, RandomGenerator random) {
        switch (random.nextInt(4)) {
            case 0 -> {
                reached(aim, node, "disk hangs");
                node.slowDown(HANG_MILLIS, world.now() + SHORT_MILLIS);
            }
            case 1 -> {
                reached(aim, node, "sync fails");
                node.failNextSync();
            }
            case 2 -> {
                reached(aim, node, "write fails");
                node.failNextWrite();
            }
            default -> {
                reached(aim, node, "disk fails");
                SimulatedProcess process = node.process();
                if (process != null) {
                    process.partitions().values().forEach(SimulatedPartition::failReading);
                }
            }
        }
    }

    /// The others are heard and hear, but the coordinator believes it gone.
    private void expireSession(Aim aim, SimulatedNode node, RandomGenerator random) {
        reached(aim, node, "session lost, coordinator out of reach");
        SimulatedProcess process = node.process();
        if (process != null) {
            process.coordinator().expireSession();
        }
        soon(random, () -> node.link().set(Reach.CUT));
        world.after(500L + random.nextInt(2000), () -> node.link().set(Reach.OPEN));
    }
}
