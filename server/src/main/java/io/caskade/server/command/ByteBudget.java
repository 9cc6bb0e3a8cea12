package io.caskade.server.command;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A bound on the bytes waiting in memory: what arrives faster than it is processed is refused. Thread-safe.
public final class ByteBudget {

    private final long limit;
    private final @Nullable ByteBudget shared;
    private final AtomicLong used = new AtomicLong();

    /// Acquired bytes, released once. For one thread at a time.
    public static final class Hold {

        private final ByteBudget budget;
        private long bytes;

        private Hold(ByteBudget budget, long bytes) {
            this.budget = budget;
            this.bytes = bytes;
        }

        /// How many bytes are still held.
        public long bytes() {
            return bytes;
        }

        /// Holds this many bytes, or as many as before if the others do not fit. What is held alone may grow
        /// to any size.
        ///
        /// @return whether it holds them
        public boolean tryGrowTo(long wanted) {
            long more = wanted - bytes;
            if (more > 0 && !budget.tryAcquire(more, bytes)) {
                return false;
            }
            bytes = Math.max(bytes, wanted);
            return true;
        }

        /// Releases the bytes. Idempotent.
        public void release() {
            budget.release(bytes);
            bytes = 0;
        }
    }

    /// @param limit in bytes; what is alone may have more
    public ByteBudget(long limit) {
        this(limit, null);
    }

    /// @param limit in bytes; what is alone may have more
    /// @param shared another budget that must have room, too
    public ByteBudget(long limit, @Nullable ByteBudget shared) {
        this.limit = limit;
        this.shared = shared;
    }

    /// How many bytes may be held.
    public long limit() {
        return limit;
    }

    /// Acquires bytes if they fit into the budget; when nothing is held, any number fits.
    public boolean tryAcquire(long bytes) {
        return tryAcquire(bytes, 0);
    }

    /// @param own those of the bytes held that do not count as another's
    private boolean tryAcquire(long bytes, long own) {
        if (shared != null && !shared.tryAcquire(bytes, own)) {
            return false;
        }
        boolean acquired = tryAcquireHere(bytes, own);
        if (!acquired && shared != null) {
            shared.release(bytes);
        }
        return acquired;
    }

    private boolean tryAcquireHere(long bytes, long own) {
        while (true) {
            long before = used.get();
            if (before != own && before + bytes > limit) {
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
    public @Nullable Hold tryHold(long bytes) {
        return tryAcquire(bytes) ? new Hold(this, bytes) : null;
    }

    /// Releases acquired bytes.
    public void release(long bytes) {
        used.addAndGet(-bytes);
        if (shared != null) {
            shared.release(bytes);
        }
    }

    /// How many bytes are held.
    public long used() {
        return used.get();
    }
}
