package io.caskade.server.loop;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An event loop on a thread that also serves connections: a request for a partition of the same thread, and
/// its answer, wake no other thread.
///
/// The thread is never interrupted: an interrupt would close log files.
public final class NettyEventLoop implements EventLoop {

    private static final Logger LOG = LoggerFactory.getLogger(NettyEventLoop.class);

    private final EventExecutor thread;
    private final Consumer<Error> onError;

    // Used only by the loop's thread.
    private final List<Runnable> turnEnds = new ArrayList<>();
    private boolean inTurn;

    private volatile boolean stopped;

    /// Completes when the loop has stopped and runs no more tasks.
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    /// @param onError called when a task fails with a JVM error: the process must end
    NettyEventLoop(EventExecutor thread, Consumer<Error> onError) {
        this.thread = thread;
        this.onError = onError;
    }

    /// Adds a task. After the loop was stopped, tasks are silently dropped.
    @Override
    public void execute(Runnable task) {
        if (!stopped) {
            thread.execute(() -> run(task));
        }
    }

    @Override
    public void executeAfter(long millis, Runnable task) {
        if (!stopped) {
            Future<?> _ = thread.schedule(() -> run(task), millis, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void onTurnEnd(Runnable action) {
        turnEnds.add(action);
    }

    @Override
    public void removeTurnEnd(Runnable action) {
        turnEnds.remove(action);
    }

    @Override
    public <T extends @Nullable Object> T await(CompletableFuture<T> future) {
        CompletableFuture.anyOf(future, ended).exceptionally(_ -> null).join();
        if (!future.isDone()) {
            throw new CompletionException(new CancellationException("the event loop has stopped"));
        }
        return future.join();
    }

    /// Runs a task at a fixed interval, on the loop's own thread, until the loop is stopped: unlike a task from
    /// another thread, it need not be woken. A task that throws is logged and runs again.
    public void scheduleEvery(Duration interval, Runnable task) {
        Future<?> _ = thread.scheduleAtFixedRate(
                () -> run(task), interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// Stops the loop after all earlier tasks have run, and waits for that. Not for the loop's own thread.
    public void stop() {
        if (stopped) {
            return;
        }
        thread.execute(() -> {
            stopped = true;
            ended.complete(null);
        });
        ended.join();
    }

    private void run(Runnable task) {
        if (stopped) {
            return;
        }
        if (!inTurn) {
            inTurn = true;
            thread.execute(this::endTurn);
        }
        runSafely(task);
    }

    private void endTurn() {
        inTurn = false;
        if (!stopped) {
            turnEnds.forEach(this::runSafely);
        }
    }

    /// A failure of one task must not stop the loop's other partitions.
    private void runSafely(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("a task of an event loop failed", e);
        } catch (Error e) {
            onError.accept(e);
            throw e;
        }
    }
}
