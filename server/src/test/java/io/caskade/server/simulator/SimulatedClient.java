package io.caskade.server.simulator;

import io.caskade.api.CausalContext;
import io.caskade.api.v1.Position;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.replica.Proposal.Acks;
import io.caskade.server.simulator.Operation.Kind;
import io.caskade.server.simulator.SimulatedPartition.Reply;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A client that does one thing after the other, waits for each answer for a while, and notes what it learns.
final class SimulatedClient {

    private static final long TIMEOUT_MILLIS = 400;
    private static final long RETRY_MILLIS = 30;

    /// How long a node may take to find one that answers.
    private static final long PROXY_MILLIS = 1_500;

    private static final int MAX_REST_MILLIS = 60;
    private static final long READ_WAIT_MILLIS = 300;

    /// More than any partition writes in a run.
    private static final long FOREIGN_SEQUENCE = 1L << 40;

    private static final int SHORT_TTL_MILLIS = 150;
    private static final int LONG_TTL_MILLIS = 1500;

    private final Simulation simulation;
    private final String name;
    private final RandomGenerator random;
    private long values;
    private @Nullable String tried;
    private @Nullable String lastGood;
    private CausalContext seen = CausalContext.EMPTY;
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

    /// Whether no request is in flight.
    boolean isResting() {
        return resting;
    }

    private void next() {
        resting = true;
        simulation.world().after(1 + random.nextInt(MAX_REST_MILLIS), () -> {
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
        long ttlMillis = value != null && random.nextInt(3) == 0 ? ttlMillis() : 0;
        boolean eager = kind == Kind.WRITE && random.nextInt(5) == 0;
        boolean anywhere = kind == Kind.READ && random.nextInt(4) == 0;
        send(new Request(
                kind,
                key,
                expected,
                value,
                ttlMillis,
                eager ? Acks.LEADER : Acks.ALL,
                anywhere ? replicaRead(simulation.partitionOf(key)) : null));
    }

    /// Most values are replaced soon: only those that live as short a time are often seen to expire.
    private long ttlMillis() {
        return 1L + random.nextInt(random.nextInt(4) > 0 ? SHORT_TTL_MILLIS : LONG_TTL_MILLIS);
    }

    /// Mostly what the client has seen, sometimes anything, now and then what no copy of this cluster has.
    private ReplicaRead replicaRead(int partition) {
        int choice = random.nextInt(16);
        if (choice < 4) {
            return ReplicaRead.EVENTUAL;
        }
        Position position = seen.position(partition).orElse(Position.getDefaultInstance());
        return new ReplicaRead(
                position.getEpoch(),
                choice == 4 ? FOREIGN_SEQUENCE + position.getSequence() : position.getSequence(),
                READ_WAIT_MILLIS);
    }

    private static boolean isForeign(ReplicaRead read) {
        return read.sequence() >= FOREIGN_SEQUENCE;
    }

    private Kind kind() {
        int choice = random.nextInt(100);
        return choice < 35
                ? Kind.READ
                : choice < 70 ? Kind.WRITE : choice < 84 ? Kind.REMOVE : choice < 95 ? Kind.SWAP : Kind.CREATE;
    }

    void send(Request request) {
        long invokedAt = simulation.nextMoment();
        int partition = simulation.partitionOf(request.key());
        boolean[] over = {false};
        boolean proxied = simulation.isProxying() && request.acks() == Acks.ALL;
        SimulatedProcess target = request.replicaRead() == null && !proxied ? target(partition) : anybody();
        if (target != null && proxied) {
            tried = target.node().name();
            travel(() -> target.timeline()
                    .after(
                            0,
                            () -> target.proxy()
                                    .execute(
                                            request,
                                            false,
                                            PROXY_MILLIS,
                                            reply -> travel(() -> answered(over, request, invokedAt, reply)))));
        } else if (target != null) {
            tried = target.node().name();
            travel(() -> target.timeline().after(0, () -> {
                SimulatedPartition hosted = target.partition(partition);
                if (hosted == null) {
                    travel(() -> answered(over, request, invokedAt, Reply.refused(Reason.NOT_LEADER)));
                } else {
                    hosted.execute(request, reply -> travel(() -> answered(over, request, invokedAt, reply)));
                }
            }));
        }
        simulation.world().after(proxied ? PROXY_MILLIS + TIMEOUT_MILLIS : TIMEOUT_MILLIS, () -> {
            if (!over[0]) {
                over[0] = true;
                simulation.coverage().reached("client timed out");
                if (request.replicaRead() == null) {
                    note(request, invokedAt, null);
                }
                next();
            }
        });
    }

    private void travel(Runnable arrival) {
        long late = random.nextInt(200) == 0 ? 1000 : 0;
        simulation.world().after(random.nextInt(4) + late, arrival);
    }

    /// Mostly the node that answered last, or the leader as the coordinator knows it; sometimes any node, which
    /// should refuse.
    private @Nullable SimulatedProcess target(int partition) {
        NodeIncarnation leader = simulation.leaderOf(partition);
        int choice = random.nextInt(10);
        String good = lastGood;
        if (choice < 5 && good != null) {
            return simulation.node(good).process();
        }
        return leader != null && choice < 9 ? simulation.node(leader.node()).process() : anybody();
    }

    private @Nullable SimulatedProcess anybody() {
        List<SimulatedNode> nodes = simulation.nodes();
        return nodes.get(random.nextInt(nodes.size())).process();
    }

    private void answered(boolean[] over, Request request, long invokedAt, Reply reply) {
        if (over[0]) {
            return;
        }
        over[0] = true;
        Reason refusal = reply.refusal();
        lastGood = refusal == null ? tried : null;
        seen = seen.merge(reply.context());
        ReplicaRead read = request.replicaRead();
        if (read != null) {
            answered(request, read, refusal);
        } else if (refusal == null && request.acks() == Acks.LEADER) {
            note(request, invokedAt, null);
            simulation.coverage().reached("client answered by the leader alone");
        } else if (refusal == null) {
            note(request, invokedAt, reply);
            simulation.coverage().reached("client answered");
        } else if (refusal == Reason.OUTCOME_UNKNOWN) {
            note(request, invokedAt, null);
            simulation.coverage().reached("client told outcome unknown");
        } else {
            simulation.coverage().reached("client refused " + refusal);
        }
        simulation.world().after(refusal == null ? 0 : RETRY_MILLIS, this::next);
    }

    /// A context is reached or not, but never lost where nothing is, and never reached where it is foreign.
    private void answered(Request request, ReplicaRead read, @Nullable Reason refusal) {
        if (isForeign(read) && refusal == null) {
            throw simulation.invariants().broken("a foreign context is never reached", name + " " + request);
        }
        if (!isForeign(read) && refusal == Reason.CONTEXT_LOST) {
            throw simulation.invariants().broken("no context of this cluster is lost", name + " " + request);
        }
        String mode = isForeign(read) ? "foreign" : read.equals(ReplicaRead.EVENTUAL) ? "eventual" : "causal";
        simulation.coverage().reached(mode + " read " + (refusal == null ? "answered" : "refused " + refusal));
    }

    /// @param reply null when the write may be lost: there was no answer, or only the leader has it
    private void note(Request request, long invokedAt, @Nullable Reply reply) {
        long returnedAt = reply == null ? Operation.NEVER : simulation.nextMoment();
        String seen = reply == null ? null : reply.seen();
        boolean applied = reply != null && reply.applied();
        simulation.note(
                request.key(),
                new Operation(
                        request.kind(),
                        request.expected(),
                        request.value(),
                        request.ttlMillis() > 0,
                        invokedAt,
                        returnedAt,
                        applied,
                        seen));
    }
}
