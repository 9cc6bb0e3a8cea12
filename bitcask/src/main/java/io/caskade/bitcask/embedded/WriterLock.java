package io.caskade.bitcask.embedded;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/// The lock whose holder is a store's writer. It is held for a write, not for a sync, so a thread that finds it
/// taken spins briefly before it parks.
final class WriterLock {

    /// About as many checks as fit into another thread's write.
    private static final int SPINS = 200;

    /// How long, and how often, a yielding thread waits.
    private static final long ROUND_NANOS = 50_000;

    private static final int MAX_ROUNDS = 40;

    private final ReentrantLock lock = new ReentrantLock();

    /// Not interruptible.
    void lock() {
        for (int i = 0; i < SPINS; i++) {
            if (lock.tryLock()) {
                return;
            }
            Thread.onSpinWait();
        }
        lock.lock();
    }

    /// Yields to waiting threads for a while: a thread that takes the lock repeatedly would starve those that
    /// must be woken.
    void lockBehindOthers() {
        for (int i = 0; i < MAX_ROUNDS; i++) {
            if (!lock.hasQueuedThreads() && lock.tryLock()) {
                return;
            }
            LockSupport.parkNanos(ROUND_NANOS);
        }
        lock.lock();
    }

    void unlock() {
        lock.unlock();
    }

    Condition newCondition() {
        return lock.newCondition();
    }
}
