package io.caskade.bench.cluster;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/// Waits; an interrupt ends the program.
final class Pause {

    private interface Wait {
        void run() throws InterruptedException;
    }

    private Pause() {}

    static void of(Duration time) {
        uninterrupted(() -> Thread.sleep(time));
    }

    static void until(CountDownLatch latch) {
        uninterrupted(latch::await);
    }

    static void until(Thread ended) {
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
