package io.caskade.server.partition;

import java.util.concurrent.atomic.AtomicLong;

/// A bound on the bytes that wait in memory: what arrives faster than it is processed is refused. Safe for use
/// by any thread.
final class ByteBudget {

    private final long limit;
    private final AtomicLong used = new AtomicLong();

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

    /// Gives back what was taken.
    void release(long bytes) {
        used.addAndGet(-bytes);
    }

    /// How many bytes are held.
    long used() {
        return used.get();
    }
}
