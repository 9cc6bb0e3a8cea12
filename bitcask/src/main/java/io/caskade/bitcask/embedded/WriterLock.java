package io.caskade.bitcask.embedded;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/// The lock whose holder is a store's writer. It is held for a write, not for a sync, so a thread that finds it
/// taken spins briefly before it parks.
final class WriterLock {

    /// About as often as a thread can look while another one writes a record.
    private static final int SPINS = 200;

    /// How long, and how often, a thread waits that lets others go first.
    private static final long ROUND_NANOS = 50_000;

    private static final int MAX_ROUNDS = 40;

    private final ReentrantLock lock = new ReentrantLock();

    /// Waits without heeding interrupts.
    void lock() {
        for (int i = 0; i < SPINS; i++) {
            if (lock.tryLock()) {
                return;
            }
            Thread.onSpinWait();
        }
        lock.lock();
    }

    /// Lets waiting threads go first, for a while: a thread that takes the lock repeatedly would starve those
    /// that must be woken.
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
