package io.caskade.server.loop;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An event loop on a thread that also reads from and writes to connections: what a connection brings for a
/// partition of its own thread, and what that answers, wakes no other thread.
///
/// The thread is never interrupted: an interrupt would close log files.
public final class NettyEventLoop implements EventLoop {

    private static final Logger LOG = LoggerFactory.getLogger(NettyEventLoop.class);

    private final EventExecutor thread;
    private final Consumer<Error> onError;

    // For the thread alone.
    private final List<Runnable> turnEnds = new ArrayList<>();
    private boolean inTurn;

    private volatile boolean stopped;

    /// Completes when the loop has stopped: what was to complete something will not run any more.
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    /// @param onError is told when the Java machine itself fails a task: the process must end
    NettyEventLoop(EventExecutor thread, Consumer<Error> onError) {
        this.thread = thread;
        this.onError = onError;
    }

    /// Adds a task. After the loop was stopped tasks are taken and never run.
    @Override
    public void execute(Runnable task) {
        if (!stopped) {
            thread.execute(() -> run(task));
        }
    }

    @Override
    public void onTurnEnd(Runnable action) {
        turnEnds.add(action);
    }

    @Override
    public <T extends @Nullable Object> T await(CompletableFuture<T> future) {
        CompletableFuture.anyOf(future, ended).exceptionally(_ -> null).join();
        if (!future.isDone()) {
            throw new CompletionException(new CancellationException("the event loop has stopped"));
        }
        return future.join();
    }

    /// Runs no more tasks when all that were added before have run, and waits for that. Not for the loop's own
    /// thread.
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

    /// A fault in one task must not take the other partitions of the loop down.
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
