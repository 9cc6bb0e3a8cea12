package io.caskade.bitcask;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// Does something again and again with a fixed time between, on a thread of its own, until it is stopped or
/// there is no use in going on. The thread is never interrupted by [#stop].
final class Repetition {

    private final Duration interval;
    private final BooleanSupplier goesOn;
    private final Runnable turn;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;

    /// @param goesOn is asked before each wait
    Repetition(String name, Duration interval, BooleanSupplier goesOn, Runnable turn) {
        this.interval = interval;
        this.goesOn = goesOn;
        this.turn = turn;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (goesOn.getAsBoolean() && !awaitStop(interval.toNanos())) {
            turn.run();
        }
    }

    /// Waits, within a turn, as long as nobody wants to stop.
    ///
    /// @return whether somebody does; an interrupt counts as that
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

    /// Returns when no turn is under way any more, and none will be.
    void stop() {
        stopping.countDown();
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
