package io.caskade.server.loop;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// One thread's tasks for partitions, in the order they came and in turns: a turn is all that was waiting when
/// its first task ran. After each turn its listeners are called, so that what a turn gathered is written at
/// once.
///
/// Any thread may add tasks.
public interface EventLoop extends Executor {

    /// Has `action` run after each turn from now on. To be called by a task of this loop.
    void onTurnEnd(Runnable action);

    /// Waits for something that a task of this loop completes; throws
    /// [CompletionException][java.util.concurrent.CompletionException] when it fails. Never interrupted. Not
    /// for the loop's own thread.
    <T extends @Nullable Object> T await(CompletableFuture<T> future);
}
