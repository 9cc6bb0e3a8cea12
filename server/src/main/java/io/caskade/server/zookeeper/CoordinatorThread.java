package io.caskade.server.zookeeper;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The single thread that owns a coordinator's state and calls its observers. Tasks run in order; one that
/// throws is logged and does not stop the next, unless it throws an [Error], after which nothing can be relied
/// on.
final class CoordinatorThread implements Executor, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CoordinatorThread.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final ScheduledThreadPoolExecutor executor;
    private final Consumer<Error> onError;

    /// @param onError called when a task fails with a JVM error: the process must end
    CoordinatorThread(String name, Consumer<Error> onError) {
        this.onError = onError;
        executor = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name(name).daemon().factory());
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    }

    /// Runs the task after all earlier ones. After [#close()] a task runs at once on the calling thread: by
    /// then it can only complete futures that would otherwise never complete.
    @Override
    public void execute(Runnable task) {
        try {
            executor.execute(logFailures(task));
        } catch (RejectedExecutionException closed) {
            LOG.debug("the coordinator thread is closed; running on the calling thread", closed);
            logFailures(task).run();
        }
    }

    /// Runs the task after `delay`, unless the coordinator's thread is closed by then.
    void schedule(Duration delay, Runnable task) {
        try {
            ScheduledFuture<?> _ = executor.schedule(logFailures(task), delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            LOG.debug("the coordinator thread is closed; dropping a delayed task", closed);
        }
    }

    /// Runs the task periodically until the coordinator's thread is closed.
    void scheduleRepeatedly(Duration period, Runnable task) {
        ScheduledFuture<?> _ = executor.scheduleWithFixedDelay(
                logFailures(task), period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// Runs `action` with the stage's value or failure, and logs what the action throws, which a dependent
    /// stage would swallow.
    <T> void whenDone(CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> action) {
        CompletionStage<T> _ = stage.whenComplete((value, failure) -> {
            try {
                action.accept(value, failure);
            } catch (RuntimeException e) {
                LOG.error("a callback of a ZooKeeper call failed", e);
            } catch (Error e) {
                onError.accept(e);
                throw e;
            }
        });
    }

    /// Runs the remaining tasks, for a bounded time. Not for the coordinator's thread itself.
    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("an observer of the cluster still blocks the coordinator thread; closing without it");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Runnable logFailures(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.error("a task of the coordinator failed", e);
            } catch (Error e) {
                onError.accept(e);
                throw e;
            }
        };
    }
}
