package io.caskade.server.simulator;

import io.caskade.server.replica.Proposal.Acks;
import io.caskade.server.simulator.Operation.Kind;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Sets the wall clocks of all nodes an hour ahead, and right again, when all else has been done to a cluster:
/// what lives longer must not be lost, and what is to expire must do so in its time.
final class ClockTrial {

    private static final long AHEAD_MILLIS = Duration.ofHours(1).toMillis();
    private static final long LONG_TTL_MILLIS = Duration.ofMinutes(30).toMillis();
    private static final long SHORT_TTL_MILLIS = 2000;

    /// What is ahead goes on a sixteenth slower, by clocks that are slow themselves; and time to be answered.
    private static final double SLOWEST = 1 + 1.0 / 8;

    private static final long SLACK_MILLIS = 200;
    private static final int ATTEMPTS = 20;
    private static final long ENDED_MILLIS = 1500;
    private static final long SLICE_MILLIS = 10;

    private final Simulation simulation;
    private final SimulatedClient client;
    private int keys;

    ClockTrial(Simulation simulation) {
        this.simulation = simulation;
        this.client = new SimulatedClient(simulation, "clock");
        client.stop();
    }

    void run() {
        clocksAheadForOneWriteLoseNothing();
        clocksThatNodesStartedWithLetKeysExpire();
    }

    /// A node that has known the time does not follow.
    private void clocksAheadForOneWriteLoseNothing() {
        String lasting = newKey();
        write(lasting, LONG_TTL_MILLIS);
        jump(AHEAD_MILLIS);
        write(newKey(), 0);
        jump(-AHEAD_MILLIS);
        require(read(lasting) != null, lasting + " has expired by clocks that were ahead for one write");
        simulation.coverage().reached("clocks ahead for one write");
    }

    /// One that starts has nothing to compare with, and brings the time into the log.
    private void clocksThatNodesStartedWithLetKeysExpire() {
        jump(AHEAD_MILLIS);
        restart();
        write(newKey(), 0);
        jump(-AHEAD_MILLIS);
        expireInTime("by the processes that wrote the log");
        restart();
        expireInTime("by processes that find the log ahead");
        simulation.coverage().reached("log ahead of all clocks");
    }

    private void expireInTime(String what) {
        String passing = newKey();
        write(passing, SHORT_TTL_MILLIS);
        double slowest = SLOWEST / (1 - simulation.options().drift());
        simulation.world().pass((long) (SHORT_TTL_MILLIS * slowest) + SLACK_MILLIS);
        require(read(passing) == null, passing + " has not expired in its time, " + what);
    }

    private void jump(long millis) {
        simulation.nodes().forEach(node -> node.clock().jump(millis));
        simulation.world().pass(1000);
        simulation.awaitWhole();
    }

    private void restart() {
        simulation.nodes().forEach(SimulatedNode::kill);
        simulation.nodes().forEach(SimulatedNode::start);
        simulation.world().pass(1000);
        simulation.awaitWhole();
    }

    /// In the first partition, which no other client has used.
    private String newKey() {
        keys++;
        return "k" + 1_000_000 * simulation.options().partitions() * keys;
    }

    private void write(String key, long ttlMillis) {
        var _ = ask(new Request(Kind.WRITE, key, null, "clock:" + key, ttlMillis, Acks.ALL, null));
    }

    private @Nullable String read(String key) {
        return ask(Request.read(key)).seen();
    }

    /// Sends a request again only when the one before is sure to have ended.
    private Operation ask(Request request) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int before = simulation.history(request.key()).size();
            long end = simulation.world().now() + ENDED_MILLIS;
            client.send(request);
            while (simulation.history(request.key()).size() == before
                    && simulation.world().now() < end) {
                simulation.world().pass(SLICE_MILLIS);
            }
            List<Operation> history = simulation.history(request.key());
            if (history.size() > before && !history.getLast().isUnknown()) {
                return history.getLast();
            }
            simulation.world().pass(Math.max(0, end - simulation.world().now()));
        }
        throw simulation.invariants().broken("the cluster serves again", request + " is not answered");
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            throw simulation.invariants().broken("expiry in time", otherwise);
        }
    }
}
