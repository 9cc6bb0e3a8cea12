package io.caskade.server;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The threads of a node's partitions: a few event loops, a thread for each sync under way, virtual threads for what
/// may wait
/// for the disk, and one that tells the time.
///
/// None of them is ever interrupted: an interrupt would close log files for everyone.
final class NodeThreads {

    private static final int MOST_LOOPS = 4;

    private final List<EventLoop> loops;
    private final ExecutorService syncs =
            Executors.newCachedThreadPool(Thread.ofPlatform().name("sync-", 0).factory());
    private final ExecutorService workers = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("worker-", 0).factory());
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("ticker").daemon().factory());

    private volatile @Nullable ScheduledFuture<?> ticking;

    private NodeThreads(List<EventLoop> loops) {
        this.loops = loops;
    }

    /// Threads for so many partitions.
    ///
    /// @param onError see [EventLoop#start]
    static NodeThreads start(int partitions, Consumer<Error> onError) {
        return new NodeThreads(IntStream.range(0, Math.min(MOST_LOOPS, partitions))
                .mapToObj(i ->
                        EventLoop.start(Thread.ofPlatform().name("loop-" + i).factory(), onError))
                .toList());
    }

    /// The loop that owns a partition.
    EventLoop loopOf(int partition) {
        return loops.get(partition % loops.size());
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

    /// Ends all of them when what they were given has run.
    void stop() throws InterruptedException {
        if (ticking != null) {
            ticking.cancel(false);
        }
        ticker.shutdown();
        for (EventLoop loop : loops) {
            loop.stop();
        }
        syncs.shutdown();
        workers.shutdown();
        syncs.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        workers.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }
}
