package io.caskade.server.simulator;

import static io.caskade.server.simulator.SimulatedPartition.bytes;

import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expectation;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.WriteBatch;
import io.caskade.server.simulator.SimulatedPartition.Reply;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/// A client that writes one batch after the other, of keys that other clients write too. What chance decides
/// for it, it decides for nothing else.
final class BatchClient {

    private static final int MAX_REST_MILLIS = 60;
    private static final int MAX_TTL_MILLIS = 150;
    private static final int MAX_KEYS = 3;

    /// More would make logs so long that merges, for which all else waits on a simulated node, take seconds.
    private static final int MAX_BATCHES = 50;

    private final Simulation simulation;
    private final String name;
    private final Random random;
    private final RequestSender sender;
    private long batches;
    private long values;
    private boolean stopped;
    private boolean resting = true;

    BatchClient(Simulation simulation, String name, long seed) {
        this.simulation = simulation;
        this.name = name;
        this.random = new Random(seed * 31 + name.hashCode());
        this.sender = new RequestSender(simulation, random);
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
        if (batches == MAX_BATCHES) {
            return;
        }
        simulation.world().after(1 + random.nextInt(MAX_REST_MILLIS), () -> {
            if (!stopped) {
                invoke();
            }
        });
    }

    private void invoke() {
        resting = false;
        String key = simulation.key(random);
        SentBatch batch = batch(simulation.partitionOf(key));
        simulation.invariants().batches().sent(batch);
        send(Request.batch(key, batch), batch);
    }

    private SentBatch batch(int partition) {
        List<String> keys = new ArrayList<>(simulation.keysOf(partition));
        Collections.shuffle(keys, random);
        keys = keys.subList(0, Math.min(keys.size(), 1 + random.nextInt(MAX_KEYS)));
        List<WriteBatch.Check> checks = new ArrayList<>();
        List<Command> commands = new ArrayList<>();
        List<SentBatch.Write> writes = new ArrayList<>();
        for (String key : keys) {
            if (random.nextInt(3) == 0) {
                checks.add(new WriteBatch.Check(bytes(key), condition(partition, key)));
            }
            put(key, commands, writes);
            if (random.nextInt(4) == 0) {
                // No value is a number.
                commands.add(new Command.Increment(bytes(key), 1));
            }
        }
        if (random.nextInt(3) == 0) {
            swap(keys.getFirst(), commands, writes);
        }
        return new SentBatch(name + "#" + ++batches, new WriteBatch(checks, commands), writes);
    }

    private Condition condition(int partition, String key) {
        return switch (random.nextInt(4)) {
            case 0 -> new Condition.Absent();
            case 1 -> new Condition.Present();
            default -> new Condition.Version(simulation.invariants().lastVersion(partition, key));
        };
    }

    private void put(String key, List<Command> commands, List<SentBatch.Write> writes) {
        String value = newValue();
        boolean expires = random.nextInt(4) == 0;
        Expiry expiry = expires ? new Expiry.After(1L + random.nextInt(MAX_TTL_MILLIS)) : new Expiry.Never();
        commands.add(new Command.Put(bytes(key), bytes(value), expiry, new Condition.None()));
        writes.add(new SentBatch.Write(key, value, expires));
    }

    /// Finds what the batch itself has put there.
    private void swap(String key, List<Command> commands, List<SentBatch.Write> writes) {
        String value = newValue();
        commands.add(new Command.CompareAndSet(
                bytes(key), new Expectation.Value(bytes(writes.getFirst().value())), bytes(value), new Expiry.Never()));
        writes.add(new SentBatch.Write(key, value, false));
        simulation.coverage().reached("batch of one key twice");
    }

    private String newValue() {
        return name + ":" + ++values;
    }

    private void send(Request request, SentBatch batch) {
        long invokedAt = simulation.nextMoment();
        sender.send(request, reply -> {
            if (reply == null) {
                reached("timed out");
                simulation.invariants().batches().unknown(batch);
                note(batch, invokedAt, Operation.NEVER);
                next();
            } else {
                answered(batch, invokedAt, reply);
            }
        });
    }

    private void answered(SentBatch batch, long invokedAt, Reply reply) {
        Reason refusal = reply.refusal();
        switch (refusal) {
            case null -> {
                reached(reply.applied() ? "applied" : "check failed");
                if (reply.applied()) {
                    note(batch, invokedAt, simulation.nextMoment());
                }
            }
            case OUTCOME_UNKNOWN, COPY_FENCED -> {
                reached("outcome unknown");
                simulation.invariants().batches().unknown(batch);
                note(batch, invokedAt, Operation.NEVER);
            }
            default -> {
                reached("refused " + refusal);
                simulation.invariants().batches().refused(batch);
            }
        }
        next();
    }

    private void reached(String what) {
        simulation.coverage().reached("batch " + what);
    }

    private void note(SentBatch batch, long invokedAt, long returnedAt) {
        batch.note(simulation, invokedAt, returnedAt);
    }
}
