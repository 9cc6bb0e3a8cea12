package io.caskade.bitcask.embedded;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A thread that repeats a task with a fixed delay, or sooner when it is woken, until it is stopped or a
/// condition no longer holds. [#stop] never interrupts it. A task that fails, though it be for lack of memory,
/// is logged and repeated.
final class PeriodicThread {

    private static final Logger LOG = LoggerFactory.getLogger(PeriodicThread.class);

    private final Duration interval;
    private final BooleanSupplier keepGoing;
    private final Runnable turn;
    private final CountDownLatch stopping = new CountDownLatch(1);

    /// A permit for a turn before its time.
    private final Semaphore early = new Semaphore(0);

    private volatile boolean woken;
    private final Thread thread;

    /// @param keepGoing checked before each wait
    PeriodicThread(String name, Duration interval, BooleanSupplier keepGoing, Runnable turn) {
        this.interval = interval;
        this.keepGoing = keepGoing;
        this.turn = turn;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (keepGoing.getAsBoolean() && awaitTurn()) {
            runLogged();
        }
    }

    private boolean awaitTurn() {
        try {
            boolean _ = early.tryAcquire(interval.toNanos(), TimeUnit.NANOSECONDS);
            woken = false;
            early.drainPermits();
            return !isStopping();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Lets the next turn begin as soon as the one in progress is over. Never blocks.
    void wake() {
        if (!woken) {
            woken = true;
            early.release();
        }
    }

    private void runLogged() {
        try {
            turn.run();
        } catch (RuntimeException | Error e) {
            LOG.error("{}: failed unexpectedly; trying again in {}", thread.getName(), interval, e);
        }
    }

    /// Waits within a task, unless the thread is stopping.
    ///
    /// @return whether it is stopping; an interrupt counts as well
    boolean awaitStop(long nanos) {
        try {
            return stopping.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    boolean isStopping() {
        return stopping.getCount() == 0;
    }

    /// Stops the thread, and returns when it has ended.
    void stop() {
        stopping.countDown();
        early.release();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
