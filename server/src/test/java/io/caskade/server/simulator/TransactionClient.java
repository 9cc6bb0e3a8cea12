package io.caskade.server.simulator;

import static io.caskade.server.simulator.SimulatedPartition.bytes;

import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.WriteBatch;
import io.caskade.server.simulator.SimulatedPartition.Reply;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// A client that reads some keys of a partition, and then commits what follows from them by one batch, which
/// checks that all are still the same; sometimes it only checks, to have seen them together. What chance
/// decides for it, it decides for nothing else.
final class TransactionClient {

    private static final int MAX_REST_MILLIS = 60;
    private static final int MAX_KEYS = 3;
    private static final int MAX_TRANSACTIONS = 60;

    private final Simulation simulation;
    private final String name;
    private final Random random;
    private final RequestSender sender;
    private long transactions;
    private long values;
    private boolean stopped;
    private boolean resting = true;

    TransactionClient(Simulation simulation, String name, long seed) {
        this.simulation = simulation;
        this.name = name;
        this.random = new Random(seed * 37 + name.hashCode());
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
        if (transactions == MAX_TRANSACTIONS) {
            return;
        }
        simulation.world().after(1 + random.nextInt(MAX_REST_MILLIS), () -> {
            if (!stopped) {
                begin();
            }
        });
    }

    private void begin() {
        resting = false;
        transactions++;
        int partition = simulation.partitionOf(simulation.key(random));
        List<String> keys = new ArrayList<>(simulation.keysOf(partition));
        Collections.shuffle(keys, random);
        readFrom(0, keys.subList(0, Math.min(keys.size(), 1 + random.nextInt(MAX_KEYS))), new ArrayList<>());
    }

    /// One after the other: others may write between.
    private void readFrom(int index, List<String> keys, List<WriteBatch.Check> checks) {
        if (index == keys.size()) {
            commit(keys, checks);
            return;
        }
        String key = keys.get(index);
        sender.send(Request.read(key), reply -> {
            if (reply == null || reply.refusal() != null) {
                reached("could not read");
                next();
            } else {
                checks.add(new WriteBatch.Check(bytes(key), unchanged(key, reply.seen())));
                readFrom(index + 1, keys, checks);
            }
        });
    }

    /// No value is written twice.
    private Condition unchanged(String key, @Nullable String seen) {
        return seen == null
                ? new Condition.Absent()
                : new Condition.Version(simulation.invariants().versionOf(simulation.partitionOf(key), key, seen));
    }

    private void commit(List<String> keys, List<WriteBatch.Check> checks) {
        List<Command> commands = new ArrayList<>();
        List<SentBatch.Write> writes = new ArrayList<>();
        if (random.nextInt(3) > 0) {
            for (String key : keys) {
                String value = name + ":" + ++values;
                commands.add(new Command.Put(bytes(key), bytes(value), new Expiry.Never(), new Condition.None()));
                writes.add(new SentBatch.Write(key, value, false));
            }
        }
        SentBatch batch = new SentBatch(name + "#" + transactions, new WriteBatch(checks, commands), writes);
        simulation.invariants().batches().sent(batch);
        long invokedAt = simulation.nextMoment();
        sender.send(Request.batch(keys.getFirst(), batch), reply -> {
            ended(batch, invokedAt, reply);
            next();
        });
    }

    private void ended(SentBatch batch, long invokedAt, @Nullable Reply reply) {
        Reason refusal = reply == null ? Reason.OUTCOME_UNKNOWN : reply.refusal();
        if (refusal == Reason.OUTCOME_UNKNOWN || refusal == Reason.COPY_FENCED) {
            reached("unknown");
            simulation.invariants().batches().unknown(batch);
            batch.note(simulation, invokedAt, Operation.NEVER);
        } else if (refusal != null) {
            reached("refused");
            simulation.invariants().batches().refused(batch);
        } else if (reply != null && reply.applied()) {
            reached(batch.writes().isEmpty() ? "read together" : "committed");
            batch.note(simulation, invokedAt, simulation.nextMoment());
        } else {
            reached("overtaken");
        }
    }

    private void reached(String what) {
        simulation.coverage().reached("transaction " + what);
    }
}
