package io.caskade.bitcask.embedded;

import io.caskade.bitcask.Options;
import io.caskade.bitcask.store.merge.RateLimiter;
import io.caskade.bitcask.store.merge.Scrub;

/// A background thread that scrubs a store at intervals.
public final class ScrubThread {

    private final Scrub scrub;
    private final PeriodicThread thread;
    private final RateLimiter limiter;

    private ScrubThread(Scrub scrub, Options options) {
        this.scrub = scrub;
        this.thread = new PeriodicThread("bitcask-scrub", options.scrubInterval(), () -> true, this::round);
        this.limiter = new RateLimiter(options.scrubBytesPerSecond(), System::nanoTime, thread::awaitStop);
    }

    /// Starts the thread, unless scrubs are off.
    public static ScrubThread start(Scrub scrub, Options options) {
        ScrubThread scrubThread = new ScrubThread(scrub, options);
        if (options.scrubBytesPerSecond() > 0) {
            scrubThread.thread.start();
        }
        return scrubThread;
    }

    private void round() {
        scrub.round(limiter);
    }

    /// Stops the thread, and returns when it has ended.
    public void stop() {
        thread.stop();
    }
}
