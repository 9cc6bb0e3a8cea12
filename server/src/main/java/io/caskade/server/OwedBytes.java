package io.caskade.server;

import java.util.concurrent.atomic.AtomicLong;

/// How many bytes of writes a partition owes answers to. Bounded before they wait for the loop, so that clients
/// who write faster than the disk are told so, and do not fill the memory. Safe for use by any thread.
final class OwedBytes {

    private final long most;
    private final AtomicLong owed = new AtomicLong();

    OwedBytes(long most) {
        this.most = most;
    }

    /// Takes a write on; a single one always may be.
    ///
    /// @return whether it fits beside the others
    boolean take(long bytes) {
        while (true) {
            long before = owed.get();
            if (before != 0 && before + bytes > most) {
                return false;
            }
            if (owed.compareAndSet(before, before + bytes)) {
                return true;
            }
        }
    }

    /// Lets go of a write that was taken on.
    void release(long bytes) {
        owed.addAndGet(-bytes);
    }
}
