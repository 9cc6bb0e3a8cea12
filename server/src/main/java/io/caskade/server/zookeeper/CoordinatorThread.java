package io.caskade.server.zookeeper;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that owns a coordinator's state and calls its observers. What is handed over runs in the
/// order it came; a task that throws is logged and does not keep the next from running.
final class CoordinatorThread implements Executor, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CoordinatorThread.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final ScheduledThreadPoolExecutor executor;

    CoordinatorThread(String name) {
        executor = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name(name).daemon().factory());
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    }

    /// Runs the task after all that came before it. A task that comes after [#close()] runs at once on the
    /// calling thread: by then it can only complete what would otherwise be waited for in vain.
    @Override
    public void execute(Runnable task) {
        try {
            executor.execute(logFailures(task));
        } catch (RejectedExecutionException closed) {
            LOG.debug("the coordinator thread is closed; running on the calling thread", closed);
            logFailures(task).run();
        }
    }

    /// Runs the task once `delay` has passed, unless the coordinator's thread is closed by then.
    void schedule(Duration delay, Runnable task) {
        try {
            ScheduledFuture<?> _ = executor.schedule(logFailures(task), delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            LOG.debug("the coordinator thread is closed; dropping a delayed task", closed);
        }
    }

    /// Runs the task again and again until the coordinator's thread is closed.
    void scheduleRepeatedly(Duration period, Runnable task) {
        ScheduledFuture<?> _ = executor.scheduleWithFixedDelay(
                logFailures(task), period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// Has `action` take what the stage ends with, a value or a failure. What the action throws is logged; a
    /// dependent stage would keep it to itself.
    static <T> void whenDone(CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> action) {
        CompletionStage<T> _ = stage.whenComplete((value, failure) -> {
            try {
                action.accept(value, failure);
            } catch (RuntimeException e) {
                LOG.error("a callback of a ZooKeeper call failed", e);
            }
        });
    }

    /// Lets what was handed over run to its end, for a bounded time. Not to be called on the coordinator's
    /// thread itself.
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

    private static Runnable logFailures(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.error("a task of the coordinator failed", e);
            }
        };
    }
}
