package io.caskade.bench.engine;

/// Waits.
final class Pause {

    private Pause() {}

    /// Sleeps; an interrupt ends the benchmark.
    static void millis(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
