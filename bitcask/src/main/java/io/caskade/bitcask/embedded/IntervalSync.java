package io.caskade.bitcask.embedded;

import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A background thread that syncs a store at a fixed interval until it is stopped or the store is fenced by a
/// failed sync.
public final class IntervalSync {

    private static final Logger LOG = LoggerFactory.getLogger(IntervalSync.class);

    private final WriteQueue writes;
    private final PeriodicThread thread;

    private IntervalSync(Duration interval, WriteQueue writes) {
        this.writes = writes;
        this.thread = new PeriodicThread("bitcask-sync", interval, () -> !writes.isFenced(), this::sync);
    }

    /// Starts the thread.
    public static IntervalSync start(Duration interval, WriteQueue writes) {
        IntervalSync sync = new IntervalSync(interval, writes);
        sync.thread.start();
        return sync;
    }

    private void sync() {
        try {
            writes.sync();
        } catch (IOException e) {
            LOG.error("the disk failed; the store refuses writes from now on", e);
        }
    }

    /// Stops the thread, and returns when it has ended.
    public void stop() {
        thread.stop();
    }
}
