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
        uninterrupted(() -> Thread.sleep(time));
    }

    /// Waits until a latch is open.
    public static void until(CountDownLatch latch) {
        uninterrupted(latch::await);
    }

    /// Waits until a thread has ended.
    public static void until(Thread ended) {
        uninterrupted(ended::join);
    }

    private static void uninterrupted(Wait wait) {
        try {
            wait.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
