package io.caskade.server;

import io.caskade.server.lifecycle.StartupException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The failure for which a node must end: reported by any of its components, and by any wait while it starts.
/// Thread-safe.
final class NodeFailure {

    private static final Logger LOG = LoggerFactory.getLogger(NodeFailure.class);

    /// How often a waiting start logs what it waits for.
    private static final Duration WAIT_LOG_INTERVAL = Duration.ofSeconds(5);

    private final CompletableFuture<Void> failed = new CompletableFuture<>();

    /// Completes, only exceptionally with a [StartupException], with the first failure.
    CompletionStage<Void> stage() {
        return failed.copy();
    }

    /// Reports an error in one of the node's threads: what that thread did is done no more, and a node that is
    /// half dead is worse than none.
    void report(Error error) {
        LOG.error("the node cannot go on", error);
        report(new StartupException("a thread has failed: " + error, error));
    }

    void report(StartupException failure) {
        failed.completeExceptionally(failure);
    }

    /// Waits for a stage, or for the failure of a component started before, without which the stage may never
    /// complete.
    ///
    /// @param what for the log
    <T> T await(CompletionStage<T> stage, String what) throws StartupException, InterruptedException {
        CompletableFuture<T> future = stage.toCompletableFuture();
        while (true) {
            try {
                CompletableFuture.anyOf(future, failed).get(WAIT_LOG_INTERVAL.toSeconds(), TimeUnit.SECONDS);
                return future.get();
            } catch (TimeoutException e) {
                LOG.info("waiting for {}", what);
            } catch (ExecutionException e) {
                Throwable cause = e.getCause();
                throw cause instanceof StartupException startup
                        ? startup
                        : new StartupException(String.valueOf(cause == null ? e.getMessage() : cause.getMessage()), e);
            }
        }
    }
}
