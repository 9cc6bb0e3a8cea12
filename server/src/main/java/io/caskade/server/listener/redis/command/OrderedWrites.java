package io.caskade.server.listener.redis.command;

import io.caskade.server.command.Command;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.RequestDeadline;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// A client's writes of single keys that its leader decides: those of a key follow one another without waiting,
/// and take effect in the order in which the client sent them. Thread-safe; the order is that of the thread
/// that writes.
///
/// That works where this node leads. A write that is refused because it does not, or not now, is proxied, but
/// only if no later write of the key took effect: then all that were refused are proxied one by one, and later
/// ones wait for them.
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
        private final Call call;
        private final Command command;
        private final CompletableFuture<Command.Result> answer = new CompletableFuture<>();
        private boolean over;
        private @Nullable Throwable refusal;

        /// After this it is not executed alone any more. Set before it waits for that.
        private long deadline;

        Attempt(Call call, Command command) {
            this.call = call;
            this.command = command;
        }
    }

    /// Executes a write after those of its key before it.
    CompletionStage<Command.Result> write(Records records, Call call, Command command) {
        Attempt attempt = new Attempt(call, command);
        boolean waits;
        synchronized (this) {
            Chain chain = chains.computeIfAbsent(ByteBuffer.wrap(command.key()), _ -> new Chain());
            waits = chain.oneByOne;
            if (waits) {
                attempt.deadline = records.deadline();
            }
            chain.attempts.add(attempt);
        }
        if (!waits) {
            tryHere(records, attempt);
        }
        return attempt.answer;
    }

    private void tryHere(Records records, Attempt attempt) {
        CompletableFuture<Answer<Command.Result>> tried = Records.begun(
                () -> Records.send(attempt.call, () -> records.handler().writeInOrder(attempt.command)));
        var _ = tried.whenComplete((answer, failure) -> {
            if (failure != null && CommandRefusedException.mayRetryElsewhere(failure)) {
                attempt.call.undoWrite();
                goOn(records, attempt, failure);
            } else {
                end(attempt, answer, failure);
                goOn(records, attempt, null);
            }
        });
    }

    private static void end(Attempt attempt, @Nullable Answer<Command.Result> answer, @Nullable Throwable failure) {
        if (answer != null) {
            attempt.answer.complete(answer.value());
        } else if (failure != null) {
            attempt.answer.completeExceptionally(failure);
        }
    }

    /// @param refusal why the attempt must be proxied; null when it is over
    private void goOn(Records records, Attempt attempt, @Nullable Throwable refusal) {
        Attempt next = settle(records, attempt, refusal);
        while (next != null) {
            Attempt alone = next;
            CompletableFuture<Answer<Command.Result>> executed = Records.begun(() -> executeAlone(records, alone));
            if (!executed.isDone()) {
                var _ = executed.whenComplete((answer, failure) -> {
                    end(alone, answer, failure);
                    goOn(records, alone, null);
                });
                return;
            }
            boolean failed = executed.isCompletedExceptionally();
            end(alone, failed ? null : executed.join(), failed ? executed.exceptionNow() : null);
            next = settle(records, alone, null);
        }
    }

    /// @return what is to be executed alone now; null for nothing
    private @Nullable Attempt settle(Records records, Attempt attempt, @Nullable Throwable refusal) {
        List<Attempt> overtaken = new ArrayList<>();
        Attempt next;
        synchronized (this) {
            attempt.over = refusal == null;
            attempt.refusal = refusal;
            if (refusal != null) {
                attempt.deadline = records.deadline();
            }
            next = advance(ByteBuffer.wrap(attempt.command.key()), overtaken);
        }
        overtaken.forEach(each -> end(each, null, each.refusal));
        return next;
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

    /// Whether the first is proxied: once all have been refused, or because others of the key are.
    private static boolean mayExecuteAlone(Chain chain) {
        chain.oneByOne |= chain.attempts.stream().allMatch(attempt -> attempt.refusal != null);
        return chain.oneByOne;
    }

    /// Those before it may have taken all of its time.
    private static CompletionStage<Answer<Command.Result>> executeAlone(Records records, Attempt attempt) {
        if (records.isOver(attempt.deadline)) {
            throw new CommandRefusedException(
                    Reason.BUSY, "the writes of the key before it took too long; nothing was done, try again later");
        }
        return RequestDeadline.within(
                attempt.deadline,
                () -> Records.send(attempt.call, () -> records.handler().write(attempt.command)));
    }
}
