package io.caskade.server.listener.redis.command;

import io.caskade.server.command.ByteBudget;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.listener.redis.command.Transaction.Queued;
import io.caskade.server.listener.redis.command.Transaction.Taken;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// `MULTI`, `EXEC` and `WATCH`, and what becomes of the commands between.
///
/// All keys of a transaction must be of one partition: it is one batch of that partition's log.
final class TransactionCommands {

    private static final Reply QUEUED = Reply.simple("QUEUED");
    private static final String EXEC = "exec";

    /// What is carried out at once all the same.
    private static final Set<String> NEVER_QUEUED = Set.of("multi", EXEC, "discard", "watch", "quit", "reset");

    private final Records records;
    private final RecordBatches batches;
    private final ServerStats stats;
    private final ByteBudget budget;
    private final Executor threads;
    private final long limitNanos;
    private final LongSupplier nanoTime;

    /// @param budget bounds the bytes of queued commands and watched keys
    /// @param threads for what may block
    /// @param limitNanos how long a transaction is tried while others change what it reads
    /// @param nanoTime the monotonic clock
    TransactionCommands(
            Records records,
            ServerStats stats,
            ByteBudget budget,
            Executor threads,
            long limitNanos,
            LongSupplier nanoTime) {
        this.records = records;
        this.batches = new RecordBatches(records);
        this.stats = stats;
        this.budget = budget;
        this.threads = threads;
        this.limitNanos = limitNanos;
        this.nanoTime = nanoTime;
    }

    List<RedisCommand> commands() {
        return List.of(
                of("multi", 1, "1.2.0", "Begins a transaction: commands are queued.", Handler.now(this::multi))
                        .with(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE, Flag.FAST),
                of(EXEC, 1, "1.2.0", "Executes the queued commands together.", this::exec)
                        .with(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE, Flag.SKIP_SLOWLOG)
                        .but("All keys must be in one partition: give them the same {hash tag}."),
                of("discard", 1, "2.0.0", "Drops the queued commands.", Handler.now(this::discard))
                        .with(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE, Flag.FAST),
                of("watch", -2, "2.2.0", "Lets EXEC execute nothing if one of the keys was changed.", this::watch)
                        .with(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE, Flag.FAST)
                        .with(KeySpec.ALL)
                        .but("All keys must be in one partition. A key that is created and removed again counts as"
                                + " unchanged."),
                of("unwatch", 1, "2.2.0", "Watches no key any more.", Handler.now(this::unwatch))
                        .with(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE, Flag.FAST));
    }

    private static RedisCommand of(String name, int arity, String since, String summary, Handler handler) {
        return RedisCommand.of(name, arity, RedisCommand.TRANSACTIONS, since, "O(N)", summary, handler);
    }

    /// Whether a command is `EXEC`.
    boolean isExec(RedisCommand command) {
        return command.name().equals(EXEC);
    }

    /// A malformed `EXEC`: it ends the transaction.
    RedisCommand refusedExec(RedisError error) {
        return of(EXEC, -1, "", "", Handler.now(call -> {
            call.client().transaction().discard();
            return Refusals.aborted(error.text().replaceFirst("^ERR ", ""));
        }));
    }

    /// Whether a call is queued instead of carried out.
    boolean queues(Call call) {
        return call.client().transaction().isOpen()
                && !NEVER_QUEUED.contains(call.command().name());
    }

    /// Queues a command, or notes that it could not be.
    CompletionStage<Reply> queue(Call call) {
        Transaction transaction = call.client().transaction();
        RedisCommand command = call.command();
        if (command.isUnknown()) {
            transaction.markBroken();
            return command.handler().handle(call);
        }
        try {
            if (command.isWrite() && !command.hasKeys()) {
                throw new RedisError("ERR Command not allowed inside a transaction");
            }
            batches.requireOnePartition(command.keys().of(call.arguments()).toArray(byte[][]::new));
            transaction.add(command, call.arguments(), budget, records.limits().maxBatchBytes());
            return CompletableFuture.completedFuture(QUEUED);
        } catch (RedisError e) {
            transaction.markBroken();
            throw e;
        }
    }

    private Reply multi(Call call) {
        Transaction transaction = call.client().transaction();
        if (transaction.isOpen()) {
            throw new RedisError("ERR MULTI calls can not be nested");
        }
        transaction.open();
        return Reply.OK;
    }

    private Reply discard(Call call) {
        Transaction transaction = call.client().transaction();
        if (!transaction.isOpen()) {
            throw new RedisError("ERR DISCARD without MULTI");
        }
        transaction.discard();
        return Reply.OK;
    }

    /// Inside a transaction it is executed after all else, when nothing is watched any more.
    private Reply unwatch(Call call) {
        call.client().transaction().discard();
        return Reply.OK;
    }

    private CompletionStage<Reply> watch(Call call) {
        Transaction transaction = call.client().transaction();
        if (transaction.isOpen()) {
            throw new RedisError("ERR WATCH inside MULTI is not allowed");
        }
        List<byte[]> keys = new ArrayList<>(Arrays.asList(call.from(1)));
        byte[] watched = transaction.watchedKey();
        if (watched != null) {
            keys.add(watched);
        }
        batches.requireOnePartition(keys.toArray(byte[][]::new));
        return Records.<@Nullable FoundRecord>all(call.from(1), key -> records.readInfo(call, key))
                .thenApply(found -> {
                    for (int i = 0; i < found.size(); i++) {
                        transaction.watch(keys.get(i), TransactionView.unchanged(found.get(i)), budget);
                    }
                    // The values are not kept.
                    call.hold().settle(0);
                    return Reply.OK;
                });
    }

    private CompletionStage<Reply> exec(Call call) {
        Transaction transaction = call.client().transaction();
        if (!transaction.isOpen()) {
            throw new RedisError("ERR EXEC without MULTI");
        }
        Taken taken = transaction.take();
        try {
            requireExecutable(taken);
            TransactionExecution execution =
                    new TransactionExecution(records, stats, call, taken, limitNanos, nanoTime);
            return CompletableFuture.supplyAsync(execution::execute, threads).whenComplete((_, _) -> taken.release());
        } catch (RuntimeException e) {
            taken.release();
            throw e;
        }
    }

    private void requireExecutable(Taken taken) {
        if (taken.broken()) {
            throw new RedisError("EXECABORT Transaction discarded because of previous errors.");
        }
        List<byte[]> keys = new ArrayList<>();
        for (Queued queued : taken.commands()) {
            keys.addAll(queued.command().keys().of(queued.arguments()));
        }
        taken.watched().keySet().stream().map(ByteBuffer::array).forEach(keys::add);
        batches.requireOnePartition(keys.toArray(byte[][]::new));
    }
}
