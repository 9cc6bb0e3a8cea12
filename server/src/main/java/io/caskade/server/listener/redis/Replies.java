package io.caskade.server.listener.redis;

import io.caskade.server.listener.redis.command.Call;
import io.caskade.server.listener.redis.command.CommandTable;
import io.caskade.server.listener.redis.command.RedisCommand;
import io.caskade.server.listener.redis.command.Refusals;
import io.caskade.server.listener.redis.command.Reply;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Carries commands out, and words their failures.
final class Replies {

    private Replies() {}

    /// Begins a command, or queues it. Never throws.
    static CompletableFuture<Reply> begin(Call call, CommandTable table) {
        try {
            return table.handlerOf(call).handle(call).toCompletableFuture();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /// The reply that a command has; null when it has none yet.
    static @Nullable Reply known(CompletableFuture<Reply> future, RedisCommand command) {
        return switch (future.state()) {
            case SUCCESS -> future.resultNow();
            case FAILED -> Refusals.reply(future.exceptionNow(), command.isWrite());
            case CANCELLED -> Refusals.timedOut(command.isWrite());
            case RUNNING -> null;
        };
    }
}
