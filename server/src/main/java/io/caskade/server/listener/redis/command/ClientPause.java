package io.caskade.server.listener.redis.command;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

    /// A time for which commands wait. Thread-safe.
    public static final class Period {

        private final boolean all;
        private final long endNanos;

        /// Guarded by this.
        private final Set<Runnable> waiting = new HashSet<>();

        private boolean over;

        /// @param all whether commands wait that only read, too
        Period(boolean all, long endNanos) {
            this.all = all;
            this.endNanos = endNanos;
        }

        /// When it ends by itself.
        public long endNanos() {
            return endNanos;
        }

        /// Runs something when it ends early or is prolonged; at once if it has. Keeps it until then.
        public void onOver(Runnable wake) {
            boolean late;
            synchronized (this) {
                late = over;
                if (!late) {
                    waiting.add(wake);
                }
            }
            if (late) {
                wake.run();
            }
        }

        /// Keeps what is to be run no longer.
        public synchronized void forget(Runnable wake) {
            waiting.remove(wake);
        }

        /// How many wait.
        synchronized int waiting() {
            return waiting.size();
        }

        private void end() {
            List<Runnable> woken;
            synchronized (this) {
                over = true;
                woken = List.copyOf(waiting);
                waiting.clear();
            }
            woken.forEach(Runnable::run);
        }
    }

    /// @param nanoTime the monotonic clock
    ClientPause(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /// Begins a pause, or makes the current one longer and stricter, never shorter.
    synchronized void begin(long millis, boolean all) {
        long end = nanoTime.getAsLong() + Math.min(millis, MAX_MILLIS) * NANOS_PER_MILLI;
        Period before = current();
        if (before == null) {
            period = new Period(all, end);
            return;
        }
        long later = end - before.endNanos > 0 ? end : before.endNanos;
        period = new Period(all || before.all, later);
        before.end();
    }

    /// Ends the pause, if there is one.
    synchronized void end() {
        Period before = period;
        period = null;
        if (before != null) {
            before.end();
        }
    }

    /// How many connections wait for its end, or did when it ended.
    public int waiting() {
        Period now = period;
        return now == null ? 0 : now.waiting();
    }

    private @Nullable Period current() {
        Period now = period;
        return now == null || now.endNanos - nanoTime.getAsLong() <= 0 ? null : now;
    }

    /// The pause that a client's command must wait for; null for none. `CLIENT UNPAUSE` never waits.
    public @Nullable Period holding(RedisCommand command, Client client) {
        if (period == null) {
            return null;
        }
        Period now = current();
        boolean waits = now != null && (now.all ? !command.name().equals("client|unpause") : mayWrite(command, client));
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
