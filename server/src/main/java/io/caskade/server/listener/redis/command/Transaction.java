package io.caskade.server.listener.redis.command;

import io.caskade.server.command.ByteBudget;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Limits;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// What a client watches, and what it has queued since `MULTI`. Thread-safe.
public final class Transaction {

    /// What a queued command or a watched key takes in memory besides its bytes, about.
    private static final int OVERHEAD_BYTES = 64;

    // Guarded by this.
    private final Map<ByteBuffer, Condition> watched = new LinkedHashMap<>();
    private List<Queued> queued = new ArrayList<>();
    private boolean open;
    private boolean broken;
    private long bytes;
    private ByteBudget.@Nullable Hold hold;

    /// A command that waits for `EXEC`.
    record Queued(RedisCommand command, byte[][] arguments) {}

    /// All that `EXEC` needs. The memory belongs to the one who took it.
    ///
    /// @param broken whether a command could not be queued
    /// @param watched what must be true of keys
    record Taken(
            boolean broken, List<Queued> commands, Map<ByteBuffer, Condition> watched, ByteBudget.@Nullable Hold hold) {

        /// Gives the memory back. Idempotent.
        void release() {
            if (hold != null) {
                hold.release();
            }
        }
    }

    /// Whether commands are queued.
    public synchronized boolean isOpen() {
        return open;
    }

    /// How many commands are queued; none when it is not open.
    synchronized OptionalInt size() {
        return open ? OptionalInt.of(queued.size()) : OptionalInt.empty();
    }

    /// Whether a queued command may write.
    synchronized boolean mayWrite() {
        return queued.stream().anyMatch(each -> each.command().isWrite());
    }

    /// Commands are queued from now on.
    synchronized void open() {
        open = true;
    }

    /// A command could not be queued, if it is open: `EXEC` will fail.
    public synchronized void markBroken() {
        broken |= open;
    }

    /// Queues a command.
    ///
    /// @param budget bounds the bytes of all that is queued
    /// @throws RedisError when there is no room for it
    synchronized void add(RedisCommand command, byte[][] arguments, ByteBudget budget, long maxBytes) {
        if (queued.size() == Limits.MAX_BATCH) {
            throw new RedisError("ERR a transaction has up to " + Limits.MAX_BATCH + " commands");
        }
        long more = OVERHEAD_BYTES;
        for (byte[] argument : arguments) {
            more += argument.length + (long) OVERHEAD_BYTES / 2;
        }
        if (bytes > 0 && bytes + more > maxBytes) {
            throw new RedisError("ERR the commands of a transaction take up to " + maxBytes + " bytes");
        }
        reserve(more, budget);
        queued.add(new Queued(command, arguments));
    }

    /// Watches a key, unless it is watched already.
    ///
    /// @param unchanged what must be true of it
    /// @throws RedisError when there is no room for it
    synchronized void watch(byte[] key, Condition unchanged, ByteBudget budget) {
        ByteBuffer wrapped = ByteBuffer.wrap(key);
        if (watched.containsKey(wrapped)) {
            return;
        }
        if (watched.size() == Limits.MAX_BATCH) {
            throw new RedisError("ERR a client watches up to " + Limits.MAX_BATCH + " keys");
        }
        reserve(key.length + (long) OVERHEAD_BYTES, budget);
        watched.put(wrapped, unchanged);
    }

    private void reserve(long more, ByteBudget budget) {
        ByteBudget.Hold held = hold;
        boolean reserved;
        if (held == null) {
            held = budget.tryHold(more);
            hold = held;
            reserved = held != null;
        } else {
            reserved = held.tryGrowTo(bytes + more);
        }
        if (!reserved) {
            throw new RedisError("TRYAGAIN more bytes of commands are being received or queued than limits.in-flight"
                    + " allows; nothing was done, try again later");
        }
        bytes += more;
    }

    /// A key that is watched; null when none is.
    synchronized byte @Nullable [] watchedKey() {
        return watched.isEmpty() ? null : watched.keySet().iterator().next().array();
    }

    /// Ends it, and watches nothing any more.
    synchronized Taken take() {
        Taken taken = new Taken(broken, queued, new LinkedHashMap<>(watched), hold);
        queued = new ArrayList<>();
        watched.clear();
        hold = null;
        bytes = 0;
        broken = false;
        open = false;
        return taken;
    }

    /// Ends it without executing anything. Idempotent.
    public void discard() {
        take().release();
    }
}
