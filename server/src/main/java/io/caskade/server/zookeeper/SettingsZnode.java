package io.caskade.server.zookeeper;

import io.caskade.server.cluster.CoordinationException;
import io.caskade.server.cluster.SharedSettings;
import io.caskade.server.cluster.Versioned;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;

/// The znode with the settings that all nodes share. Coordinator thread only.
final class SettingsZnode {

    private static final Duration RETRY_DELAY = Duration.ofMillis(250);

    private final AsyncZooKeeper calls;
    private final CoordinatorThread thread;
    private final String path;

    SettingsZnode(AsyncZooKeeper calls, CoordinatorThread thread, ZnodePaths paths) {
        this.calls = calls;
        this.thread = thread;
        this.path = paths.settings();
    }

    /// Creates the znode unless it exists, and reads it; tries until a server answers.
    void seed(SharedSettings proposed, CompletableFuture<Versioned<SharedSettings>> result) {
        CompletableFuture<Versioned<SharedSettings>> attempt = calls.create(
                        path, ZnodeJson.write(proposed), CreateMode.PERSISTENT)
                .exceptionallyCompose(failure -> AsyncZooKeeper.codeOf(failure) == Code.NODEEXISTS
                        ? CompletableFuture.completedFuture(path)
                        : CompletableFuture.failedFuture(failure))
                .thenCompose(_ -> get());
        thread.whenDone(attempt, (stored, failure) -> {
            if (stored != null) {
                result.complete(stored);
            } else if (AsyncZooKeeper.isUnanswered(AsyncZooKeeper.codeOf(failure))) {
                thread.schedule(RETRY_DELAY, () -> seed(proposed, result));
            } else {
                fail("cannot store the settings of all nodes at " + path, failure, result);
            }
        });
    }

    void read(CompletableFuture<Versioned<SharedSettings>> result) {
        thread.whenDone(get(), (stored, failure) -> {
            if (stored != null) {
                result.complete(stored);
            } else {
                fail("cannot read the settings of all nodes at " + path, failure, result);
            }
        });
    }

    void change(int expectedVersion, SharedSettings next, CompletableFuture<Boolean> result) {
        thread.whenDone(calls.setData(path, ZnodeJson.write(next), expectedVersion), (stat, failure) -> {
            if (stat != null) {
                result.complete(true);
            } else if (AsyncZooKeeper.codeOf(failure) == Code.BADVERSION) {
                result.complete(false);
            } else {
                fail("unknown whether the settings of all nodes were changed", failure, result);
            }
        });
    }

    private CompletableFuture<Versioned<SharedSettings>> get() {
        return calls.syncAndGet(path).thenCompose(found -> {
            try {
                return CompletableFuture.completedFuture(new Versioned<>(
                        ZnodeJson.readShared(found.data()), found.stat().getVersion()));
            } catch (ZnodeJson.UnreadableException e) {
                return CompletableFuture.failedFuture(e);
            }
        });
    }

    private static void fail(String message, @Nullable Throwable cause, CompletableFuture<?> result) {
        result.completeExceptionally(new CoordinationException(message, cause));
    }
}
