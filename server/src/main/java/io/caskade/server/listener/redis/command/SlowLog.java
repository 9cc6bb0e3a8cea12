package io.caskade.server.listener.redis.command;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The last commands of a listener that took long, from their start until their reply was known. Thread-safe.
public final class SlowLog {

    private static final int MAX_ARGUMENTS = 32;
    private static final int MAX_ARGUMENT_BYTES = 128;
    private static final byte[] REDACTED = "(redacted)".getBytes(StandardCharsets.US_ASCII);

    private volatile long thresholdMicros = 10_000;
    private volatile long maxEntries = 128;

    // Guarded by this.
    private final Deque<Entry> entries = new ArrayDeque<>();
    private long nextId;

    /// A command that took long.
    ///
    /// @param time when, Unix seconds
    /// @param arguments its name first; shortened
    /// @param address where its client came from
    /// @param name the name of its client; empty for none
    record Entry(long id, long time, long micros, List<byte[]> arguments, String address, String name) {
        Entry {
            arguments = List.copyOf(arguments);
        }
    }

    long thresholdMicros() {
        return thresholdMicros;
    }

    /// Sets from which time on a command is slow; -1 for never.
    void setThresholdMicros(long micros) {
        thresholdMicros = micros;
    }

    long maxEntries() {
        return maxEntries;
    }

    void setMaxEntries(long most) {
        maxEntries = most;
    }

    /// Adds a command if it took long.
    public void record(Call call, long nanos) {
        long threshold = thresholdMicros;
        long micros = TimeUnit.NANOSECONDS.toMicros(nanos);
        boolean isSlow = threshold >= 0 && micros >= threshold && maxEntries > 0;
        if (isSlow && !call.command().flags().contains(Flag.SKIP_SLOWLOG)) {
            add(call, micros);
        }
    }

    private synchronized void add(Call call, long micros) {
        long time = TimeUnit.MILLISECONDS.toSeconds(System.currentTimeMillis());
        entries.addFirst(new Entry(
                nextId++,
                time,
                micros,
                shortened(call),
                call.client().address(),
                call.client().name()));
        while (entries.size() > maxEntries) {
            entries.removeLast();
        }
    }

    /// The newest entries, the newest first.
    ///
    /// @param most how many at most; -1 for all
    synchronized List<Entry> newest(long most) {
        return entries.stream().limit(most < 0 ? Long.MAX_VALUE : most).toList();
    }

    synchronized int size() {
        return entries.size();
    }

    synchronized void clear() {
        entries.clear();
    }

    private static List<byte[]> shortened(Call call) {
        List<byte[]> arguments = new ArrayList<>();
        boolean isTooMany = call.size() > MAX_ARGUMENTS;
        int shown = isTooMany ? MAX_ARGUMENTS - 1 : call.size();
        for (int i = 0; i < shown; i++) {
            arguments.add(isSecret(call, i) ? REDACTED : shortened(call.argument(i)));
        }
        if (isTooMany) {
            arguments.add(("... (" + (call.size() - shown) + " more arguments)").getBytes(StandardCharsets.US_ASCII));
        }
        return arguments;
    }

    /// A user or a password.
    private static boolean isSecret(Call call, int index) {
        return switch (call.command().name()) {
            case "auth" -> index > 0;
            case "hello" -> index > 2 && (call.is(index - 1, "AUTH") || (index > 3 && call.is(index - 2, "AUTH")));
            default -> false;
        };
    }

    private static byte[] shortened(byte[] argument) {
        if (argument.length <= MAX_ARGUMENT_BYTES) {
            return argument;
        }
        String start = Arguments.latin1(argument).substring(0, MAX_ARGUMENT_BYTES);
        return (start + "... (" + (argument.length - MAX_ARGUMENT_BYTES) + " more bytes)")
                .getBytes(StandardCharsets.ISO_8859_1);
    }
}
