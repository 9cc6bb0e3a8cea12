package io.caskade.server.lifecycle;

import io.caskade.server.loop.EventLoop;
import io.caskade.server.loop.EventLoops;
import io.caskade.server.loop.UncaughtErrors;
import java.lang.Thread.UncaughtExceptionHandler;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The threads of a node: a few event loops, a thread per sync in progress, virtual threads for work that
/// may block on the disk, and one ticker for what is seldom due.
///
/// None of them is ever interrupted: an interrupt closes a `FileChannel` for every thread.
public final class NodeThreads {

    private final EventLoops loops;
    private final ExecutorService syncs;
    private final ExecutorService workers;
    private final ScheduledExecutorService ticker;

    private volatile @Nullable ScheduledFuture<?> ticking;

    private NodeThreads(EventLoops loops, UncaughtExceptionHandler handler) {
        this.loops = loops;
        this.syncs = Executors.newCachedThreadPool(Thread.ofPlatform()
                .name("sync-", 0)
                .uncaughtExceptionHandler(handler)
                .factory());
        this.workers = Executors.newThreadPerTaskExecutor(Thread.ofVirtual()
                .name("worker-", 0)
                .uncaughtExceptionHandler(handler)
                .factory());
        this.ticker = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform()
                .name("ticker")
                .daemon()
                .uncaughtExceptionHandler(handler)
                .factory());
    }

    /// Starts the event loops.
    ///
    /// @param onError called when a task of any thread fails with a JVM error: the process must end
    public static NodeThreads start(Consumer<Error> onError) {
        return new NodeThreads(EventLoops.start(onError), UncaughtErrors.handler(onError));
    }

    /// The event loops of connections and partitions.
    public EventLoops loops() {
        return loops;
    }

    /// For syncs, which block.
    public ExecutorService syncs() {
        return syncs;
    }

    /// For other work that may block.
    public ExecutorService workers() {
        return workers;
    }

    /// Runs the tick at a fixed interval; called once. The tick must not block. One that throws is logged, and
    /// does not stop the next.
    public void scheduleEvery(Duration interval, Runnable task) {
        ticking = ticker.scheduleAtFixedRate(
                UncaughtErrors.reporting(task), interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// Runs a task at a fixed interval on each loop, which is passed to it; called once. The task must not
    /// block.
    public void scheduleOnLoops(Duration interval, Consumer<EventLoop> task) {
        loops.all().forEach(loop -> loop.scheduleEvery(interval, () -> task.accept(loop)));
    }

    /// Stops all threads except the connections' event loops, after the partitions have stopped.
    public void stop() throws InterruptedException {
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
