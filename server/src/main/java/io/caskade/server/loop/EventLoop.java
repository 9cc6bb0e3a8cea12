package io.caskade.server.loop;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Runs partitions' tasks on one thread, in order and in turns: a turn is everything queued when its first task
/// ran. After each turn its listeners are called, so that the writes of a turn form one group.
///
/// Any thread may add tasks.
public interface EventLoop extends Executor {

    /// Adds a task after a delay; silently dropped if the loop was stopped by then.
    void executeAfter(long millis, Runnable task);

    /// Runs `action` after each turn from now on. Called by a task of this loop.
    void onTurnEnd(Runnable action);

    /// Runs `action`, which [#onTurnEnd] was given, no more. Called by a task of this loop, not by such an
    /// action.
    void removeTurnEnd(Runnable action);

    /// Waits for a future that a task of this loop completes; throws
    /// [CompletionException][java.util.concurrent.CompletionException] when it fails. Never interrupted. Not
    /// for the loop's own thread.
    <T extends @Nullable Object> T await(CompletableFuture<T> future);
}
