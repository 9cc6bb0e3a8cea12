package io.caskade.server;

import io.caskade.bitcask.store.Pace;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Merges the partitions of a node, one after the other, on a thread of its own and at a pace that all of
/// them share. The thread is never interrupted: an interrupt would close log files for everyone.
final class BackgroundMerges {

    private static final Logger LOG = LoggerFactory.getLogger(BackgroundMerges.class);

    /// Between two looks at whether there is something to merge.
    private static final Duration INTERVAL = Duration.ofMillis(500);

    private final Supplier<Collection<HostedPartition>> partitions;
    private final Pace pace;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread = Thread.ofPlatform().name("merges").daemon().unstarted(this::run);

    private BackgroundMerges(Supplier<Collection<HostedPartition>> partitions, long bytesPerSecond) {
        this.partitions = partitions;
        this.pace = new Pace(bytesPerSecond, System::nanoTime, this::awaitStop);
    }

    /// @param bytesPerSecond see [Pace]
    static BackgroundMerges start(Supplier<Collection<HostedPartition>> partitions, long bytesPerSecond) {
        BackgroundMerges merges = new BackgroundMerges(partitions, bytesPerSecond);
        merges.thread.start();
        return merges;
    }

    private void run() {
        while (!awaitStop(INTERVAL.toNanos())) {
            for (HostedPartition partition : partitions.get()) {
                if (awaitStop(0)) {
                    return;
                }
                mergeSafely(partition);
            }
        }
    }

    /// A fault in one partition must not keep the others from being merged.
    private void mergeSafely(HostedPartition partition) {
        try {
            partition.merge(pace);
        } catch (RuntimeException e) {
            LOG.error("the merges of a partition have a fault", e);
        }
    }

    private boolean awaitStop(long nanos) {
        try {
            return stopping.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            LOG.error("the merges were interrupted, which nobody may do", e);
            return true;
        }
    }

    /// Gives a merge that is under way up, or waits for its last short steps if it has come so far. The
    /// partitions' loops must still run.
    void stop() throws InterruptedException {
        stopping.countDown();
        thread.join();
    }
}
