package io.caskade.server.partition;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A bound on the bytes waiting in memory: what arrives faster than it is processed is refused. Thread-safe.
final class ByteBudget {

    private final long limit;
    private final AtomicLong used = new AtomicLong();

    /// Acquired bytes, released once. For one thread at a time.
    static final class Hold {

        private final ByteBudget budget;
        private long bytes;

        private Hold(ByteBudget budget, long bytes) {
            this.budget = budget;
            this.bytes = bytes;
        }

        /// How many bytes are still held.
        long bytes() {
            return bytes;
        }

        /// Releases the bytes. Idempotent.
        void release() {
            budget.release(bytes);
            bytes = 0;
        }
    }

    ByteBudget(long limit) {
        this.limit = limit;
    }

    /// Acquires bytes if they fit into the budget; when nothing is held, any number fits.
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

    /// As [#tryAcquire], for bytes that are released elsewhere.
    ///
    /// @return null when they do not fit
    @Nullable
    Hold tryHold(long bytes) {
        return tryAcquire(bytes) ? new Hold(this, bytes) : null;
    }

    /// Releases acquired bytes.
    void release(long bytes) {
        used.addAndGet(-bytes);
    }

    /// How many bytes are held.
    long used() {
        return used.get();
    }
}
