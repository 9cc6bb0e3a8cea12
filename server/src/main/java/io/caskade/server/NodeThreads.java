package io.caskade.server;

import io.caskade.server.loop.EventLoops;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The threads of a node: a few event loops, a thread for each sync under way, virtual threads for what may
/// wait for the disk, and one that tells the time.
///
/// None of them is ever interrupted: an interrupt would close log files for everyone.
final class NodeThreads {

    private final EventLoops loops;
    private final ExecutorService syncs =
            Executors.newCachedThreadPool(Thread.ofPlatform().name("sync-", 0).factory());
    private final ExecutorService workers = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("worker-", 0).factory());
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("ticker").daemon().factory());

    private volatile @Nullable ScheduledFuture<?> ticking;

    private NodeThreads(EventLoops loops) {
        this.loops = loops;
    }

    /// @param onError see [EventLoops#start]
    static NodeThreads start(Consumer<Error> onError) {
        return new NodeThreads(EventLoops.start(onError));
    }

    /// What connections and partitions run on.
    EventLoops loops() {
        return loops;
    }

    ExecutorService syncs() {
        return syncs;
    }

    ExecutorService workers() {
        return workers;
    }

    /// Runs the one task that wants to be told the time at a fixed interval; it neither blocks nor fails.
    void every(Duration interval, Runnable task) {
        ticking = ticker.scheduleAtFixedRate(task, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// Ends all of them when what partitions gave them has run, but for the connections' part.
    void stop() throws InterruptedException {
        if (ticking != null) {
            ticking.cancel(false);
        }
        ticker.shutdown();
        loops.stopPartitions();
        syncs.shutdown();
        workers.shutdown();
        syncs.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        workers.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }
}
