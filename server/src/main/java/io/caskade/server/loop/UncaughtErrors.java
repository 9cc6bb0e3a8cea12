package io.caskade.server.loop;

import java.lang.Thread.UncaughtExceptionHandler;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sees to it that no JVM error ends a thread, or a task of one, unseen.
public final class UncaughtErrors {

    private static final Logger LOG = LoggerFactory.getLogger(UncaughtErrors.class);

    private UncaughtErrors() {}

    /// Handles what ends a thread: logs it, and passes errors on.
    ///
    /// @param onError called with a JVM error: the process must end
    public static UncaughtExceptionHandler handler(Consumer<Error> onError) {
        return (thread, failure) -> {
            LOG.error("thread {} failed", thread.getName(), failure);
            if (failure instanceof Error error) {
                onError.accept(error);
            }
        };
    }

    /// The task, for an executor that keeps failures to itself: an error goes to the handler of the executing
    /// thread, a [RuntimeException] to the log, and only the former is thrown on.
    public static Runnable reporting(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.error("a task of thread {} failed", Thread.currentThread().getName(), e);
            } catch (Error e) {
                Thread thread = Thread.currentThread();
                thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
                throw e;
            }
        };
    }
}
