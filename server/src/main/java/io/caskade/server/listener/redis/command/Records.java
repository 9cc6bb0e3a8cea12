package io.caskade.server.listener.redis.command;

import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expectation;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandHandler.StartedGet;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.Limits;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.command.RequestDeadline;
import io.caskade.server.listener.RecordReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What commands of Redis do with records, in terms of the store's own commands; inside a transaction, with
/// the records of its [TransactionView]. Thread-safe.
final class Records {

    /// The most keys of a command that are read at a time.
    private static final int MAX_AT_ONCE = 1024;

    private final CommandHandler handler;
    private final RecordReader reader;
    private final ServerStats stats;
    private final Limits limits;
    private final long limitNanos;
    private final LongSupplier nanoTime;

    /// What becomes of a record.
    sealed interface Change {
        /// The reply once it is done.
        Reply reply();

        /// It is written.
        record Write(byte[] value, Expiry expiry, Reply reply) implements Change {}

        /// It is removed.
        record Remove(Reply reply) implements Change {}

        /// Nothing.
        record Nothing(Reply reply) implements Change {}
    }

    /// @param limits those of keys, values and batches
    /// @param limitNanos how long a change is tried while others change the same record
    /// @param nanoTime the monotonic clock
    Records(
            CommandHandler handler,
            RecordReader reader,
            ServerStats stats,
            Limits limits,
            long limitNanos,
            LongSupplier nanoTime) {
        this.handler = handler;
        this.reader = reader;
        this.stats = stats;
        this.limits = limits;
        this.limitNanos = limitNanos;
        this.nanoTime = nanoTime;
    }

    CommandHandler handler() {
        return handler;
    }

    Limits limits() {
        return limits;
    }

    /// Answers from a key's record, at once if memory has it.
    CompletionStage<Reply> answer(Call call, byte[] key, Function<@Nullable FoundRecord, Reply> answer) {
        TransactionView view = call.transactionView();
        if (view != null) {
            return view.read(key).thenApply(answer);
        }
        if (call.isReadingReplica()) {
            return read(call, key).thenApply(answer);
        }
        return finish(call, handler.beginGet(key), answer);
    }

    private CompletionStage<Reply> finish(
            Call call, StartedGet started, Function<@Nullable FoundRecord, Reply> answer) {
        if (started instanceof StartedGet.Answered(long bytes, var finish)) {
            CompletableFuture<Answer<@Nullable FoundRecord>> known = finish.toCompletableFuture();
            if (known.state() == Future.State.SUCCESS && call.tryTakeShared(bytes)) {
                return CompletableFuture.completedFuture(
                        answer.apply(counted(known.resultNow().value())));
            }
        }
        return reader.finish(started, call.hold()).thenApply(found -> answer.apply(counted(found.value())));
    }

    /// Answers from what there is to know of a key's record, at once if memory has it. Takes no bytes, but from
    /// this node's own copies.
    ///
    /// @param answer is given a record whose value may be missing
    CompletionStage<Reply> answerInfo(Call call, byte[] key, Function<@Nullable FoundRecord, Reply> answer) {
        TransactionView view = call.transactionView();
        if (view != null) {
            return view.readInfo(key).thenApply(answer);
        }
        return call.isReadingReplica() ? answer(call, key, answer) : finish(call, handler.beginGetInfo(key), answer);
    }

    /// What there is to know of a key's record. Takes no bytes, but from this node's own copies.
    ///
    /// @return a record whose value may be missing
    CompletionStage<@Nullable FoundRecord> readInfo(Call call, byte[] key) {
        TransactionView view = call.transactionView();
        if (view != null) {
            return view.readInfo(key);
        }
        return call.isReadingReplica()
                ? read(call, key)
                : reader.finish(handler.beginGetInfo(key), call.hold()).thenApply(found -> counted(found.value()));
    }

    /// Reads a key's record, whose bytes the call holds until its reply was written.
    CompletionStage<@Nullable FoundRecord> read(Call call, byte[] key) {
        TransactionView view = call.transactionView();
        if (view != null) {
            return view.read(key);
        }
        ReplicaRead demand = call.isReadingReplica() ? ReplicaRead.EVENTUAL : null;
        return reader.read(key, demand, call.hold()).thenApply(found -> counted(found.value()));
    }

    private @Nullable FoundRecord counted(@Nullable FoundRecord found) {
        stats.countRead(found != null);
        return found;
    }

    /// Executes a write.
    CompletionStage<Command.Result> write(Call call, Command command) {
        TransactionView view = call.transactionView();
        if (view != null) {
            return view.write(command);
        }
        return call.command().isDecidedByLeader(call.arguments())
                ? call.client().writes().write(this, call, command)
                : send(call, () -> handler.write(command)).thenApply(Answer::value);
    }

    /// Sends a write, unless its call was given up.
    static <T> CompletionStage<T> send(Call call, Supplier<CompletionStage<T>> write) {
        call.beginWrite();
        return write.get();
    }

    /// Executes a write and answers whether it was applied, as 1 or 0.
    CompletionStage<Reply> writeAndTell(Call call, Command command) {
        return write(call, command).thenApply(result -> Reply.integer(result.applied()));
    }

    /// When a change is given up that begins now.
    long deadline() {
        return nanoTime.getAsLong() + limitNanos;
    }

    boolean isOver(long deadline) {
        return nanoTime.getAsLong() - deadline >= 0;
    }

    /// Retries a change that another client was faster with, unless the time is over.
    CompletionStage<Reply> retryUntil(Call call, long deadline, Supplier<CompletionStage<Reply>> again) {
        // What was read is garbage now: the call holds only what it reads next.
        call.hold().settle(0);
        return isOver(deadline)
                ? CompletableFuture.failedStage(new CommandRefusedException(
                        Reason.BUSY, "others write the record all the time; nothing was done, try again later"))
                : again.get();
    }

    /// Changes a record according to what it is: reads it, and writes on condition that it is still the same;
    /// retries as long as other clients are faster. A write whose outcome is unknown is not repeated.
    CompletionStage<Reply> change(Call call, byte[] key, Function<@Nullable FoundRecord, Change> decide) {
        TransactionView view = call.transactionView();
        if (view != null) {
            return view.read(key).thenCompose(found -> change(view, key, found, decide.apply(found)));
        }
        return change(call, key, decide, deadline());
    }

    /// Inside a transaction, no other client is faster.
    private static CompletionStage<Reply> change(
            TransactionView view, byte[] key, @Nullable FoundRecord found, Change change) {
        Command command = switch (change) {
            case Change.Nothing _ -> null;
            case Change.Write write -> new Command.Put(key, write.value(), write.expiry(), new Condition.None());
            case Change.Remove _ -> found == null ? null : new Command.Delete(key, new Condition.None());
        };
        return command == null
                ? CompletableFuture.completedStage(change.reply())
                : view.write(command).thenApply(_ -> change.reply());
    }

    private CompletionStage<Reply> change(
            Call call, byte[] key, Function<@Nullable FoundRecord, Change> decide, long deadline) {
        return read(call, key).thenCompose(found -> {
            Change change = decide.apply(found);
            CompletionStage<Command.Result> changed =
                    RequestDeadline.within(deadline, () -> begin(call, key, found, change));
            if (changed == null) {
                return CompletableFuture.completedStage(change.reply());
            }
            return changed.thenCompose(result -> {
                if (result.applied()) {
                    return CompletableFuture.completedStage(change.reply());
                }
                call.undoWrite();
                return retryUntil(call, deadline, () -> change(call, key, decide, deadline));
            });
        });
    }

    /// Begins a change; null when there is nothing to do.
    private @Nullable CompletionStage<Command.Result> begin(
            Call call, byte[] key, @Nullable FoundRecord found, Change change) {
        return switch (change) {
            case Change.Nothing _ -> null;
            case Change.Write write ->
                write(call, new Command.CompareAndSet(key, expectation(found), write.value(), write.expiry()));
            case Change.Remove _ ->
                found == null ? null : write(call, new Command.Delete(key, new Condition.Version(found.version())));
        };
    }

    private static Expectation expectation(@Nullable FoundRecord found) {
        return found == null ? new Expectation.Absent() : new Expectation.Version(found.version());
    }

    /// How many of the keys something is true for. Keys are asked for in parallel.
    static CompletionStage<Reply> count(byte[][] keys, Function<byte[], CompletionStage<Boolean>> ask) {
        return all(keys, ask)
                .thenApply(answers -> Reply.integer(
                        answers.stream().filter(Boolean::booleanValue).count()));
    }

    /// Asks for each key, many in parallel. Completes when all have; with a failure if one has failed, after
    /// which no more are asked for.
    static <T extends @Nullable Object> CompletionStage<List<T>> all(
            byte[][] keys, Function<byte[], CompletionStage<T>> ask) {
        CompletableFuture<List<T>> answered = new CompletableFuture<>();
        askFrom(0, keys, ask, new ArrayList<>(keys.length), answered);
        return answered;
    }

    /// Goes on by itself once those that were asked for have answered.
    private static <T extends @Nullable Object> void askFrom(
            int first,
            byte[][] keys,
            Function<byte[], CompletionStage<T>> ask,
            List<T> answers,
            CompletableFuture<List<T>> answered) {
        int next = first;
        while (next < keys.length && !answered.isDone()) {
            int end = Math.min(keys.length, next + MAX_AT_ONCE);
            List<CompletableFuture<T>> asked = new ArrayList<>(end - next);
            for (int i = next; i < end; i++) {
                byte[] key = keys[i];
                asked.add(begun(() -> ask.apply(key)));
            }
            CompletableFuture<Void> all = CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new));
            if (!all.isDone()) {
                var _ = all.whenComplete((_, failure) -> {
                    gather(asked, failure, answers, answered);
                    askFrom(end, keys, ask, answers, answered);
                });
                return;
            }
            gather(asked, all.isCompletedExceptionally() ? all.exceptionNow() : null, answers, answered);
            next = end;
        }
        answered.complete(answers);
    }

    private static <T extends @Nullable Object> void gather(
            List<CompletableFuture<T>> asked,
            @Nullable Throwable failure,
            List<T> answers,
            CompletableFuture<List<T>> answered) {
        if (failure == null) {
            asked.forEach(one -> answers.add(one.join()));
        } else {
            answered.completeExceptionally(failure);
        }
    }

    /// The results of what was begun. Completes when all have; with a failure if one has failed.
    static <T extends @Nullable Object> CompletionStage<List<T>> allOf(List<CompletableFuture<T>> begun) {
        return CompletableFuture.allOf(begun.toArray(CompletableFuture[]::new))
                .thenApply(_ -> begun.stream().map(CompletableFuture::join).toList());
    }

    /// What was begun for other keys must end before the command does.
    static <T extends @Nullable Object> CompletableFuture<T> begun(Supplier<CompletionStage<T>> ask) {
        try {
            return ask.get().toCompletableFuture();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
