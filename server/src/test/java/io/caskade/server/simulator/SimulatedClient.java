package io.caskade.server.simulator;

import io.caskade.server.cluster.Leader;
import io.caskade.server.replica.Refusal;
import io.caskade.server.simulator.Operation.Kind;
import io.caskade.server.simulator.SimulatedPartition.Reply;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A client that does one thing after the other, waits for each answer for a while, and notes what it learns.
final class SimulatedClient {

    private static final long PATIENCE_MILLIS = 400;
    private static final long RETRY_MILLIS = 30;
    private static final int MOST_REST_MILLIS = 60;

    private final Simulation simulation;
    private final String name;
    private final RandomGenerator random;
    private long values;
    private @Nullable String tried;
    private @Nullable String lastGood;
    private boolean stopped;
    private boolean resting = true;

    SimulatedClient(Simulation simulation, String name) {
        this.simulation = simulation;
        this.name = name;
        this.random = simulation.random();
    }

    void start() {
        next();
    }

    void stop() {
        stopped = true;
    }

    /// Whether nothing it asked for is under way.
    boolean isResting() {
        return resting;
    }

    private void next() {
        resting = true;
        simulation.world().after(1 + random.nextInt(MOST_REST_MILLIS), () -> {
            if (!stopped) {
                invoke();
            }
        });
    }

    private void invoke() {
        resting = false;
        String key = simulation.key(random);
        Kind kind = kind();
        String value = kind == Kind.READ || kind == Kind.REMOVE ? null : name + ":" + ++values;
        String expected = kind == Kind.SWAP ? simulation.lastSeen(key) : null;
        send(kind, key, expected, value);
    }

    private Kind kind() {
        int choice = random.nextInt(100);
        return choice < 35
                ? Kind.READ
                : choice < 70 ? Kind.WRITE : choice < 84 ? Kind.REMOVE : choice < 95 ? Kind.SWAP : Kind.CREATE;
    }

    void send(Kind kind, String key, @Nullable String expected, @Nullable String value) {
        long invokedAt = simulation.nextMoment();
        int partition = simulation.partitionOf(key);
        boolean[] over = {false};
        SimulatedProcess target = target(partition);
        if (target != null) {
            tried = target.node().name();
            travel(() -> target.timeline().after(0, () -> {
                SimulatedPartition hosted = target.partition(partition);
                if (hosted == null) {
                    travel(() -> answered(
                            over, kind, key, expected, value, invokedAt, new Reply(Refusal.NOT_LEADER, false, null)));
                } else {
                    hosted.execute(
                            kind,
                            key,
                            expected,
                            value,
                            reply -> travel(() -> answered(over, kind, key, expected, value, invokedAt, reply)));
                }
            }));
        }
        simulation.world().after(PATIENCE_MILLIS, () -> {
            if (!over[0]) {
                over[0] = true;
                simulation.coverage().reached("client timed out");
                note(kind, key, expected, value, invokedAt, null);
                next();
            }
        });
    }

    private void travel(Runnable arrival) {
        long late = random.nextInt(200) == 0 ? 1000 : 0;
        simulation.world().after(random.nextInt(4) + late, arrival);
    }

    /// Mostly whoever answered last, or the leader as the coordinator knows it; sometimes anybody, who should
    /// refuse.
    private @Nullable SimulatedProcess target(int partition) {
        Leader leader = simulation.leaderOf(partition);
        List<SimulatedNode> nodes = simulation.nodes();
        int choice = random.nextInt(10);
        String good = lastGood;
        if (choice < 5 && good != null) {
            return simulation.node(good).process();
        }
        return leader != null && choice < 9
                ? simulation.node(leader.node()).process()
                : nodes.get(random.nextInt(nodes.size())).process();
    }

    private void answered(
            boolean[] over,
            Kind kind,
            String key,
            @Nullable String expected,
            @Nullable String value,
            long invokedAt,
            Reply reply) {
        if (over[0]) {
            return;
        }
        over[0] = true;
        Refusal refusal = reply.refusal();
        lastGood = refusal == null ? tried : null;
        if (refusal == null) {
            note(kind, key, expected, value, invokedAt, reply);
            simulation.coverage().reached("client answered");
        } else if (refusal == Refusal.OUTCOME_UNKNOWN) {
            note(kind, key, expected, value, invokedAt, null);
            simulation.coverage().reached("client told outcome unknown");
        } else {
            simulation.coverage().reached("client refused " + refusal);
        }
        simulation.world().after(refusal == null ? 0 : RETRY_MILLIS, this::next);
    }

    private void note(
            Kind kind,
            String key,
            @Nullable String expected,
            @Nullable String value,
            long invokedAt,
            @Nullable Reply reply) {
        long returnedAt = reply == null ? Operation.NEVER : simulation.nextMoment();
        String seen = reply == null ? null : reply.seen();
        boolean applied = reply != null && reply.applied();
        simulation.note(key, new Operation(kind, expected, value, invokedAt, returnedAt, applied, seen));
    }
}
