package io.caskade.server.listener.redis.command;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/// Carries a command out. Never blocks; throws or fails with what [Refusals] can word.
@FunctionalInterface
public interface Handler {

    /// Begins to carry it out.
    CompletionStage<Reply> handle(Call call);

    /// A command that is answered at once.
    static Handler now(Function<Call, Reply> answer) {
        return call -> CompletableFuture.completedFuture(answer.apply(call));
    }
}
