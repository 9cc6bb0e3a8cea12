package io.caskade.bench.time;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/// Waits; an interrupt ends the program.
public final class Pause {

    private interface Wait {
        void run() throws InterruptedException;
    }

    private Pause() {}

    /// Sleeps.
    public static void of(Duration time) {
        waitUninterruptibly(() -> Thread.sleep(time));
    }

    /// Waits until a latch is open.
    public static void until(CountDownLatch latch) {
        waitUninterruptibly(latch::await);
    }

    /// Waits until a thread has ended.
    public static void until(Thread ended) {
        waitUninterruptibly(ended::join);
    }

    private static void waitUninterruptibly(Wait wait) {
        try {
            wait.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
