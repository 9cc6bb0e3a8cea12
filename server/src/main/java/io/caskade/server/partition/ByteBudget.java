package io.caskade.server.partition;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A bound on the bytes that wait in memory: what arrives faster than it is processed is refused. Safe for use
/// by any thread.
final class ByteBudget {

    private final long limit;
    private final AtomicLong used = new AtomicLong();

    /// Bytes that are held, and given back once. For one thread at a time.
    static final class Hold {

        private final ByteBudget budget;
        private long bytes;

        private Hold(ByteBudget budget, long bytes) {
            this.budget = budget;
            this.bytes = bytes;
        }

        /// How many bytes are held still.
        long bytes() {
            return bytes;
        }

        /// Gives the bytes back, unless that was done before.
        void release() {
            budget.release(bytes);
            bytes = 0;
        }
    }

    ByteBudget(long limit) {
        this.limit = limit;
    }

    /// Takes bytes from the budget if they fit beside the others; when nothing else is held any number does.
    boolean tryAcquire(long bytes) {
        while (true) {
            long before = used.get();
            if (before != 0 && before + bytes > limit) {
                return false;
            }
            if (used.compareAndSet(before, before + bytes)) {
                return true;
            }
        }
    }

    /// As [#tryAcquire], for bytes whose way through the code is long.
    ///
    /// @return null when they do not fit
    @Nullable
    Hold tryHold(long bytes) {
        return tryAcquire(bytes) ? new Hold(this, bytes) : null;
    }

    /// Gives back what was taken.
    void release(long bytes) {
        used.addAndGet(-bytes);
    }

    /// How many bytes are held.
    long used() {
        return used.get();
    }
}
