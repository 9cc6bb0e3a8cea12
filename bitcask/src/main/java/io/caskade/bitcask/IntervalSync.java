package io.caskade.bitcask;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Syncs a store at a fixed interval, on a thread of its own, until it is stopped or the disk fails.
final class IntervalSync {

    private static final Logger LOG = LoggerFactory.getLogger(IntervalSync.class);

    private final Duration interval;
    private final GroupCommit commits;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;

    private IntervalSync(Duration interval, GroupCommit commits) {
        this.interval = interval;
        this.commits = commits;
        this.thread = Thread.ofPlatform().name("bitcask-sync").daemon().unstarted(this::run);
    }

    static IntervalSync start(Duration interval, GroupCommit commits) {
        IntervalSync sync = new IntervalSync(interval, commits);
        sync.thread.start();
        return sync;
    }

    private void run() {
        try {
            while (!stopping.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                commits.sync();
            }
        } catch (IOException e) {
            LOG.error("the disk failed; the store takes no more writes", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Returns when no sync is under way any more.
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
