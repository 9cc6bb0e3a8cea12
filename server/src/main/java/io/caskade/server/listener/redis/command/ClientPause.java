package io.caskade.server.listener.redis.command;

import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// `CLIENT PAUSE`: for some time the commands of all clients wait, or those of them that may write.
/// Thread-safe.
public final class ClientPause {

    private static final long NANOS_PER_MILLI = 1_000_000;

    /// Some centuries, which the clock's difference can still hold.
    private static final long MAX_MILLIS = Long.MAX_VALUE / NANOS_PER_MILLI / 2;

    private final LongSupplier nanoTime;

    private volatile @Nullable Period period;

    /// A time for which commands wait.
    ///
    /// @param all whether commands wait that only read, too
    /// @param ended completes when it ends early or is prolonged
    public record Period(boolean all, long endNanos, CompletableFuture<Void> ended) {}

    /// @param nanoTime the monotonic clock
    ClientPause(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /// Begins a pause, or makes the current one longer and stricter, never shorter.
    synchronized void begin(long millis, boolean all) {
        long end = nanoTime.getAsLong() + Math.min(millis, MAX_MILLIS) * NANOS_PER_MILLI;
        Period before = current();
        if (before == null) {
            period = new Period(all, end, new CompletableFuture<>());
            return;
        }
        long later = end - before.endNanos() > 0 ? end : before.endNanos();
        period = new Period(all || before.all(), later, new CompletableFuture<>());
        before.ended().complete(null);
    }

    /// Ends the pause, if there is one.
    synchronized void end() {
        Period before = period;
        period = null;
        if (before != null) {
            before.ended().complete(null);
        }
    }

    private @Nullable Period current() {
        Period now = period;
        return now == null || now.endNanos() - nanoTime.getAsLong() <= 0 ? null : now;
    }

    /// The pause that a client's command must wait for; null for none. `CLIENT UNPAUSE` never waits.
    public @Nullable Period holding(RedisCommand command, Client client) {
        if (period == null) {
            return null;
        }
        Period now = current();
        boolean waits =
                now != null && (now.all() ? !command.name().equals("client|unpause") : mayWrite(command, client));
        return waits ? now : null;
    }

    private static boolean mayWrite(RedisCommand command, Client client) {
        Transaction transaction = client.transaction();
        if (transaction.isOpen()) {
            return command.name().equals("exec") && transaction.mayWrite();
        }
        return command.flags().contains(Flag.WRITE);
    }
}
