package io.caskade.server.listener.redis.command;

import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.RequestDeadline;
import io.caskade.server.command.WriteBatch;
import io.caskade.server.listener.redis.command.Transaction.Queued;
import io.caskade.server.listener.redis.command.Transaction.Taken;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Executes one transaction. Blocks.
///
/// Its commands are carried out on a [TransactionView] of the records they read; what they write becomes one
/// batch, which checks that what was read, and what was watched, is still the same. If another client has
/// changed what was read, it starts again; if what was watched, nothing is done.
///
/// Commands without keys are carried out once the batch is committed.
final class TransactionExecution {

    private final Records records;
    private final ServerStats stats;
    private final Call exec;
    private final Taken transaction;
    private final long limitNanos;
    private final LongSupplier nanoTime;

    private final Map<ByteBuffer, @Nullable FoundRecord> fetched = new HashMap<>();

    /// Whether a batch that writes is on its way.
    private boolean writing;

    /// The commands with keys, whose replies are complete once the batch is executed.
    ///
    /// @param replies null for a command without keys
    private record Pass(TransactionView view, List<@Nullable CompletableFuture<Reply>> replies) {}

    /// @param exec holds what is read
    /// @param limitNanos how long it is tried while others change what it reads
    /// @param nanoTime the monotonic clock
    TransactionExecution(
            Records records, ServerStats stats, Call exec, Taken transaction, long limitNanos, LongSupplier nanoTime) {
        this.records = records;
        this.stats = stats;
        this.exec = exec;
        this.transaction = transaction;
        this.limitNanos = limitNanos;
        this.nanoTime = nanoTime;
    }

    /// The reply of `EXEC`.
    Reply execute() {
        try {
            Pass pass = commit();
            return pass == null ? Reply.NO_ARRAY : replies(pass);
        } catch (RuntimeException e) {
            return Refusals.ofTransaction(e, writing);
        }
    }

    /// @return null when a watched key was changed
    private @Nullable Pass commit() {
        long deadline = nanoTime.getAsLong() + limitNanos;
        while (true) {
            Pass pass = pass();
            List<WriteBatch.Check> checks = checks();
            if (checks == null) {
                return null;
            }
            List<Command> commands = pass.view().commands();
            if (!needsBatch(commands)) {
                return pass;
            }
            writing = !commands.isEmpty();
            WriteBatch batch = new WriteBatch(checks, commands);
            WriteBatch.Result result = await(RequestDeadline.within(
                    deadline,
                    () -> Records.send(exec, () -> records.handler().write(batch))
                            .thenApply(Answer::value)));
            writing = false;
            if (result.applied()) {
                pass.view().complete(result.outcomes());
                return pass;
            }
            if (result.failedCheck() < transaction.watched().size()) {
                return null;
            }
            exec.undoWrite();
            // What was read is garbage now.
            fetched.clear();
            exec.hold().settle(0);
            if (nanoTime.getAsLong() - deadline >= 0) {
                throw new CommandRefusedException(
                        Reason.BUSY,
                        "others write the records of the transaction all the time; nothing was done, try again later");
            }
        }
    }

    /// A single record that is only read is consistent by itself.
    private boolean needsBatch(List<Command> commands) {
        return !commands.isEmpty() || !transaction.watched().isEmpty() || fetched.size() > 1;
    }

    /// Carries the commands with keys out, again with more records until none is missing.
    private Pass pass() {
        while (true) {
            TransactionView view = new TransactionView(fetched, records.limits(), leaderTime());
            List<@Nullable CompletableFuture<Reply>> replies = new ArrayList<>();
            for (Queued queued : transaction.commands()) {
                RedisCommand command = queued.command();
                Call call = exec.execute(command, queued.arguments(), view);
                replies.add(
                        command.hasKeys()
                                ? Records.begun(() -> command.handler().handle(call))
                                : null);
            }
            if (view.missing().isEmpty()) {
                return new Pass(view, replies);
            }
            fetch(view.missing());
        }
    }

    /// As far as it is known from what was read.
    private long leaderTime() {
        long time = 0;
        for (FoundRecord found : fetched.values()) {
            if (found != null && found.expiresAt() != 0) {
                time = Math.max(time, found.expiresAt() - found.ttlMillis());
            }
        }
        return time == 0 ? System.currentTimeMillis() : time;
    }

    /// @param missing by key, whether the value is needed, too
    private void fetch(Map<ByteBuffer, Boolean> missing) {
        byte[][] keys = missing.keySet().stream().map(ByteBuffer::array).toArray(byte[][]::new);
        List<@Nullable FoundRecord> found = await(Records.<@Nullable FoundRecord>all(
                keys,
                key -> missing.getOrDefault(ByteBuffer.wrap(key), true)
                        ? records.read(exec, key)
                        : records.readInfo(exec, key)));
        for (int i = 0; i < keys.length; i++) {
            fetched.put(ByteBuffer.wrap(keys[i]), found.get(i));
        }
    }

    /// What must be true when the batch is executed: first of watched keys, then of those that were read.
    ///
    /// @return null when what was read shows that a watched key was changed
    private @Nullable List<WriteBatch.Check> checks() {
        List<WriteBatch.Check> checks = new ArrayList<>();
        for (Map.Entry<ByteBuffer, Condition> watched : transaction.watched().entrySet()) {
            checks.add(new WriteBatch.Check(watched.getKey().array(), watched.getValue()));
        }
        for (Map.Entry<ByteBuffer, @Nullable FoundRecord> read : fetched.entrySet()) {
            Condition condition = TransactionView.unchanged(read.getValue());
            Condition watched = transaction.watched().get(read.getKey());
            if (watched == null) {
                checks.add(new WriteBatch.Check(read.getKey().array(), condition));
            } else if (!watched.equals(condition)) {
                return null;
            }
        }
        return checks;
    }

    private Reply replies(Pass pass) {
        List<Reply> replies = new ArrayList<>();
        for (int i = 0; i < pass.replies().size(); i++) {
            CompletableFuture<Reply> begun = pass.replies().get(i);
            Queued queued = transaction.commands().get(i);
            Reply reply = begun == null ? carryOut(queued) : reply(begun, queued.command());
            String error = reply.errorCode();
            if (error != null) {
                stats.countError(error);
            }
            // An element must not be missing.
            replies.add(Reply.SILENCE.equals(reply) ? Reply.NONE : reply);
        }
        return Reply.array(replies);
    }

    private Reply carryOut(Queued queued) {
        RedisCommand command = queued.command();
        Call call = exec.execute(command, queued.arguments(), null);
        return reply(Records.begun(() -> command.handler().handle(call)), command);
    }

    /// What was read or written is there; a command may still compute.
    private Reply reply(CompletableFuture<Reply> begun, RedisCommand command) {
        try {
            return await(begun);
        } catch (RuntimeException e) {
            return Refusals.reply(e, command.isWrite());
        }
    }

    private <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(2 * limitNanos, TimeUnit.NANOSECONDS)
                .join();
    }
}
