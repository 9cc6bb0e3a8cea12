package io.caskade.bitcask;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The lock whose holder is a store's writer. It is held for a write, not for a sync, so a thread that finds it
/// taken looks again for a while before it lets go of its processor.
final class WriterLock {

    /// About as often as a thread can look while another one writes a record.
    private static final int SPINS = 200;

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

    void unlock() {
        lock.unlock();
    }

    Condition newCondition() {
        return lock.newCondition();
    }
}
