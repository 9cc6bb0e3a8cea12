package io.caskade.server.simulator;

import static io.caskade.server.simulator.SimulatedPartition.bytes;

import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.simulator.Operation.Kind;
import io.caskade.server.simulator.SimulatedPartition.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// A client that gives a leader several writes of one key at once and waits for none of them before the others:
/// they take effect in their order. What chance decides for it, it decides for nothing else.
final class PipelineClient {

    private static final long TIMEOUT_MILLIS = 400;
    private static final int MAX_REST_MILLIS = 80;
    private static final int MAX_WRITES = 4;
    private static final int MAX_PIPELINES = 40;

    private final Simulation simulation;
    private final String name;
    private final Random random;
    private final List<Pipeline> pipelines = new ArrayList<>();
    private long values;
    private boolean stopped;
    private boolean resting = true;

    /// Writes of one key, each with a value that no other write has.
    private static final class Pipeline {
        private final int partition;
        private final String key;
        private final long invokedAt;
        private final List<String> values = new ArrayList<>();
        private final List<Command> commands = new ArrayList<>();

        /// Whether each has been answered.
        private final boolean[] over = new boolean[MAX_WRITES];

        private int open;

        Pipeline(int partition, String key, long invokedAt) {
            this.partition = partition;
            this.key = key;
            this.invokedAt = invokedAt;
        }
    }

    PipelineClient(Simulation simulation, String name, long seed) {
        this.simulation = simulation;
        this.name = name;
        this.random = new Random(seed * 41 + name.hashCode());
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

    /// Of each pipeline, what is committed came in the order in which it was sent.
    void check() {
        for (Pipeline pipeline : pipelines) {
            List<Long> versions = pipeline.values.stream()
                    .map(value -> simulation.invariants().versionOf(pipeline.partition, pipeline.key, value))
                    .filter(version -> version > 0)
                    .toList();
            if (!versions.equals(versions.stream().sorted().toList())) {
                throw simulation
                        .invariants()
                        .broken(
                                "writes of a key keep their order",
                                name + " sent " + pipeline.values + ", committed at " + versions);
            }
        }
    }

    private void next() {
        resting = true;
        if (pipelines.size() == MAX_PIPELINES) {
            return;
        }
        simulation.world().after(1 + random.nextInt(MAX_REST_MILLIS), () -> {
            if (!stopped) {
                send(pipeline());
            }
        });
    }

    private Pipeline pipeline() {
        String key = simulation.key(random);
        Pipeline pipeline = new Pipeline(simulation.partitionOf(key), key, simulation.nextMoment());
        pipeline.open = 2 + random.nextInt(MAX_WRITES - 1);
        for (int i = 0; i < pipeline.open; i++) {
            String value = name + ":" + ++values;
            // To keep an expiry takes the record, which must be fetched.
            Expiry expiry = random.nextBoolean() ? new Expiry.Never() : new Expiry.Keep();
            pipeline.values.add(value);
            pipeline.commands.add(new Command.Put(bytes(key), bytes(value), expiry, new Condition.None()));
        }
        pipelines.add(pipeline);
        return pipeline;
    }

    private void send(Pipeline pipeline) {
        resting = false;
        NodeIncarnation leader = simulation.leaderOf(pipeline.partition);
        SimulatedProcess target =
                leader == null ? null : simulation.node(leader.node()).process();
        if (target != null) {
            travel(() -> target.timeline().after(0, () -> arrived(pipeline, target.partition(pipeline.partition))));
        }
        simulation.world().after(TIMEOUT_MILLIS, () -> {
            for (int i = 0; i < pipeline.commands.size(); i++) {
                answered(pipeline, i, Reply.refused(Reason.OUTCOME_UNKNOWN));
            }
        });
    }

    private void arrived(Pipeline pipeline, @Nullable SimulatedPartition hosted) {
        for (int i = 0; i < pipeline.commands.size(); i++) {
            int index = i;
            if (hosted == null) {
                travel(() -> answered(pipeline, index, Reply.refused(Reason.NOT_LEADER)));
            } else {
                hosted.writeInOrder(pipeline.commands.get(i), reply -> travel(() -> answered(pipeline, index, reply)));
            }
        }
    }

    private void travel(Runnable arrival) {
        simulation.world().after(random.nextInt(4), arrival);
    }

    private void answered(Pipeline pipeline, int index, Reply reply) {
        if (pipeline.over[index]) {
            return;
        }
        pipeline.over[index] = true;
        Reason refusal = reply.refusal();
        switch (refusal) {
            case null -> {
                simulation.coverage().reached("pipelined write applied");
                note(pipeline, index, simulation.nextMoment());
            }
            case OUTCOME_UNKNOWN, COPY_FENCED -> {
                simulation.coverage().reached("pipelined write of unknown outcome");
                note(pipeline, index, Operation.NEVER);
            }
            default -> simulation.coverage().reached("pipelined write refused");
        }
        pipeline.open--;
        if (pipeline.open == 0) {
            next();
        }
    }

    private void note(Pipeline pipeline, int index, long returnedAt) {
        simulation.note(
                pipeline.key,
                new Operation(
                        Kind.WRITE,
                        null,
                        pipeline.values.get(index),
                        true,
                        pipeline.invokedAt,
                        returnedAt,
                        returnedAt != Operation.NEVER,
                        null));
    }
}
