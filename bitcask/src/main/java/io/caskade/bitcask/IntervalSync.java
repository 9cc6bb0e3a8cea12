package io.caskade.bitcask;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Syncs a store at a fixed interval, on a thread of its own, until it is stopped or the store is fenced. A
/// group commit that failed for another reason, a full disk perhaps, is the business of those who wrote it.
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
            while (!commits.isFenced() && !stopping.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                sync();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sync() {
        try {
            commits.sync();
        } catch (IOException e) {
            if (commits.isFenced()) {
                LOG.error("the disk failed; the store takes no more writes", e);
            } else {
                LOG.warn("a sync failed together with the writes of its group; it is due again in {}", interval, e);
            }
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
