package io.caskade.server.listener.redis.command;

import io.caskade.server.command.Command;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// A client's writes of single keys that its leader decides: those of a key follow one another without waiting,
/// and take effect in the order in which the client sent them. Thread-safe; the order is that of the thread
/// that writes.
///
/// That works where this node leads. A write that is refused because it does not, or not now, goes another way
/// only when none that came after it took effect: then all that were refused are executed one after the other,
/// and those that still come wait for them.
final class OrderedWrites {

    /// By key; never empty. Guarded by this.
    private final Map<ByteBuffer, Chain> chains = new HashMap<>();

    /// The writes of a key that are not over, or are followed by one that is not, oldest first.
    private static final class Chain {
        private final Deque<Attempt> attempts = new ArrayDeque<>();

        /// Whether they are executed one after the other.
        private boolean oneByOne;
    }

    private static final class Attempt {
        private final Command command;
        private final CompletableFuture<Command.Result> answer = new CompletableFuture<>();
        private boolean over;
        private @Nullable Throwable refusal;

        Attempt(Command command) {
            this.command = command;
        }
    }

    /// Executes a write after those of its key before it.
    CompletionStage<Command.Result> write(CommandHandler handler, Command command) {
        Attempt attempt = new Attempt(command);
        boolean waits;
        synchronized (this) {
            Chain chain = chains.computeIfAbsent(ByteBuffer.wrap(command.key()), _ -> new Chain());
            waits = chain.oneByOne;
            chain.attempts.add(attempt);
        }
        if (!waits) {
            tryHere(handler, attempt);
        }
        return attempt.answer;
    }

    private void tryHere(CommandHandler handler, Attempt attempt) {
        CompletableFuture<Answer<Command.Result>> tried = Records.begun(() -> handler.writeInOrder(attempt.command));
        var _ = tried.whenComplete((answer, failure) -> {
            if (failure != null && mayMoveOn(failure)) {
                goOn(handler, attempt, failure);
            } else {
                end(attempt, answer, failure);
                goOn(handler, attempt, null);
            }
        });
    }

    private static boolean mayMoveOn(Throwable failure) {
        return switch (failure) {
            case CommandRefusedException refused ->
                refused.reason() == Reason.NOT_LEADER || refused.reason() == Reason.NOT_SERVING;
            case CompletionException wrapped when wrapped.getCause() != null -> mayMoveOn(wrapped.getCause());
            default -> false;
        };
    }

    private static void end(Attempt attempt, @Nullable Answer<Command.Result> answer, @Nullable Throwable failure) {
        if (answer != null) {
            attempt.answer.complete(answer.value());
        } else if (failure != null) {
            attempt.answer.completeExceptionally(failure);
        }
    }

    /// @param refusal why the attempt must go another way; null when it is over
    private void goOn(CommandHandler handler, Attempt attempt, @Nullable Throwable refusal) {
        List<Attempt> overtaken = new ArrayList<>();
        Attempt next;
        synchronized (this) {
            attempt.over = refusal == null;
            attempt.refusal = refusal;
            next = advance(ByteBuffer.wrap(attempt.command.key()), overtaken);
        }
        overtaken.forEach(each -> end(each, null, each.refusal));
        if (next != null) {
            executeAlone(handler, next);
        }
    }

    /// Drops what is over at the beginning of a chain, and what was refused before others took effect.
    ///
    /// @return what is to be executed alone now; null for nothing
    private @Nullable Attempt advance(ByteBuffer key, List<Attempt> overtaken) {
        Chain chain = chains.get(key);
        Attempt first = chain == null ? null : chain.attempts.peek();
        while (chain != null && first != null) {
            if (!first.over && first.refusal != null && !chain.oneByOne && isOvertaken(chain, first)) {
                overtaken.add(first);
                first.over = true;
            }
            if (!first.over) {
                return mayExecuteAlone(chain) ? first : null;
            }
            chain.attempts.remove();
            first = chain.attempts.peek();
        }
        chains.remove(key);
        return null;
    }

    private static boolean isOvertaken(Chain chain, Attempt first) {
        return chain.attempts.stream().anyMatch(later -> !later.equals(first) && later.over);
    }

    /// Whether the first goes another way: once all have been refused, or because others go that way.
    private static boolean mayExecuteAlone(Chain chain) {
        chain.oneByOne |= chain.attempts.stream().allMatch(attempt -> attempt.refusal != null);
        return chain.oneByOne;
    }

    private void executeAlone(CommandHandler handler, Attempt attempt) {
        CompletableFuture<Answer<Command.Result>> executed = Records.begun(() -> handler.write(attempt.command));
        var _ = executed.whenComplete((answer, failure) -> {
            end(attempt, answer, failure);
            goOn(handler, attempt, null);
        });
    }
}
