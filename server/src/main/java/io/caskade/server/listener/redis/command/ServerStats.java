package io.caskade.server.listener.redis.command;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// What a listener counts for `INFO`. Thread-safe.
public final class ServerStats {

    /// The kinds of errors that are told apart: their codes come from a small set.
    private static final int MAX_CODES = 64;

    private final LongAdder connections = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder commands = new LongAdder();
    private final LongAdder input = new LongAdder();
    private final LongAdder output = new LongAdder();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();

    /// Counts a connection.
    public void countConnection() {
        connections.increment();
    }

    /// Counts a connection that was refused because there are too many.
    public void countRejected() {
        rejected.increment();
    }

    /// Counts a command.
    public void countCommand() {
        commands.increment();
    }

    /// Counts bytes that clients sent.
    public void countInput(long bytes) {
        input.add(bytes);
    }

    /// Counts bytes that are sent to clients.
    public void countOutput(long bytes) {
        output.add(bytes);
    }

    /// Counts a read.
    void countRead(boolean found) {
        (found ? hits : misses).increment();
    }

    /// Counts an error reply.
    ///
    /// @param code its first word
    public void countError(String code) {
        if (errors.size() < MAX_CODES || errors.containsKey(code)) {
            errors.computeIfAbsent(code, _ -> new LongAdder()).increment();
        }
    }

    void reset() {
        for (LongAdder adder : new LongAdder[] {connections, rejected, commands, input, output, hits, misses}) {
            adder.reset();
        }
        errors.clear();
    }

    long connections() {
        return connections.sum();
    }

    long rejected() {
        return rejected.sum();
    }

    /// The commands so far.
    public long commands() {
        return commands.sum();
    }

    long input() {
        return input.sum();
    }

    long output() {
        return output.sum();
    }

    long hits() {
        return hits.sum();
    }

    long misses() {
        return misses.sum();
    }

    /// The error replies so far, by code.
    Map<String, Long> errors() {
        Map<String, Long> counts = new TreeMap<>();
        errors.forEach((code, count) -> counts.put(code, count.sum()));
        return counts;
    }
}
