package io.caskade.server.listener.redis.command;

import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.Limits;
import io.caskade.server.command.RequestDeadline;
import io.caskade.server.command.WriteBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What commands of Redis do with several records, in terms of the store's batches; inside a transaction, with
/// the records of its [TransactionView]. Thread-safe.
final class RecordBatches {

    private final Records records;

    /// What becomes of several records.
    ///
    /// @param commands what is written, in order; each will be applied
    /// @param reply the reply once it is done
    record Changes(List<Command> commands, Reply reply) {}

    RecordBatches(Records records) {
        this.records = records;
    }

    /// Executes writes: those of one partition together, as far as one batch may have so many, and those of
    /// different partitions in parallel. Completes when all have; with a failure if one has failed.
    CompletionStage<List<Command.Result>> writeTogether(Call call, List<Command> commands) {
        TransactionView view = call.transactionView();
        if (view != null) {
            return Records.allOf(commands.stream()
                    .map(command -> view.write(command).toCompletableFuture())
                    .toList());
        }
        if (commands.size() <= Limits.MAX_BATCH) {
            return writeSlice(call, commands);
        }
        return writeSlice(call, commands.subList(0, Limits.MAX_BATCH))
                .thenCompose(first -> writeTogether(call, commands.subList(Limits.MAX_BATCH, commands.size()))
                        .thenApply(others -> {
                            List<Command.Result> all = new ArrayList<>(first);
                            all.addAll(others);
                            return all;
                        }));
    }

    private CompletionStage<List<Command.Result>> writeSlice(Call call, List<Command> commands) {
        Map<Integer, List<Integer>> places = placesByPartition(commands);
        List<CompletableFuture<List<Command.Result>>> written = places.values().stream()
                .map(some -> Records.begun(() ->
                        writePartition(call, some.stream().map(commands::get).toList())))
                .toList();
        return Records.allOf(written).thenApply(byPartition -> {
            Command.Result[] results = new Command.Result[commands.size()];
            int next = 0;
            for (List<Integer> some : places.values()) {
                List<Command.Result> ofPartition = byPartition.get(next++);
                for (int i = 0; i < some.size(); i++) {
                    results[some.get(i)] = ofPartition.get(i);
                }
            }
            return List.of(results);
        });
    }

    private Map<Integer, List<Integer>> placesByPartition(List<Command> commands) {
        Map<Integer, List<Integer>> places = new TreeMap<>();
        for (int i = 0; i < commands.size(); i++) {
            places.computeIfAbsent(records.handler().partitionOf(commands.get(i).key()), _ -> new ArrayList<>())
                    .add(i);
        }
        return places;
    }

    private CompletionStage<List<Command.Result>> writePartition(Call call, List<Command> commands) {
        if (commands.size() == 1) {
            return Records.send(call, () -> records.handler().write(commands.getFirst()))
                    .thenApply(answer -> List.of(answer.value()));
        }
        return Records.send(call, () -> records.handler().write(new WriteBatch(List.of(), commands)))
                .thenApply(answer -> answer.value().outcomes().stream()
                        .map(RecordBatches::done)
                        .toList());
    }

    /// The result of a write that needs no value of a kind.
    private static Command.Result done(WriteBatch.Outcome outcome) {
        return switch (outcome) {
            case WriteBatch.Outcome.Done(Command.Result result) -> result;
            case WriteBatch.Outcome.Refused(Reason reason, String message) ->
                throw new CommandRefusedException(reason, message);
        };
    }

    /// Refuses puts of which one partition gets more than a batch may have: nothing is written then.
    void requireFitting(List<Command> puts) {
        placesByPartition(puts)
                .values()
                .forEach(some -> records.limits()
                        .checkRecords(new WriteBatch(
                                List.of(), some.stream().map(puts::get).toList())));
    }

    /// Executes puts of keys of one partition together, if none of the keys has a record.
    CompletionStage<Boolean> writeIfAbsent(Call call, List<Command> puts) {
        byte[][] keys = puts.stream().map(Command::key).toArray(byte[][]::new);
        requireOnePartition(keys);
        TransactionView view = call.transactionView();
        if (view != null) {
            return Records.<@Nullable FoundRecord>all(keys, view::readInfo)
                    .thenCompose(found -> found.stream().allMatch(Objects::isNull)
                            ? writeTogether(call, puts).thenApply(_ -> true)
                            : CompletableFuture.completedStage(false));
        }
        List<WriteBatch.Check> checks = Arrays.stream(keys)
                .map(key -> new WriteBatch.Check(key, new Condition.Absent()))
                .toList();
        return Records.send(call, () -> records.handler().write(new WriteBatch(checks, puts)))
                .thenApply(answer -> answer.value().applied());
    }

    /// Refuses keys that are not all of one partition.
    ///
    /// @throws RedisError in the words of Redis Cluster
    void requireOnePartition(byte[][] keys) {
        for (byte[] key : keys) {
            if (records.handler().partitionOf(key) != records.handler().partitionOf(keys[0])) {
                throw RedisError.crossSlot();
            }
        }
    }

    /// Changes records of one partition together, according to what they are: reads them, and writes on
    /// condition that they are still the same; retries as long as other clients are faster.
    ///
    /// @param keys what is read, each once
    CompletionStage<Reply> changeTogether(
            Call call, byte[][] keys, Function<List<@Nullable FoundRecord>, Changes> decide) {
        TransactionView view = call.transactionView();
        if (view != null) {
            return Records.<@Nullable FoundRecord>all(keys, view::read).thenCompose(found -> {
                Changes changes = decide.apply(found);
                return writeTogether(call, changes.commands()).thenApply(_ -> changes.reply());
            });
        }
        return changeTogether(call, keys, decide, records.deadline());
    }

    private CompletionStage<Reply> changeTogether(
            Call call, byte[][] keys, Function<List<@Nullable FoundRecord>, Changes> decide, long deadline) {
        return Records.<@Nullable FoundRecord>all(keys, key -> records.read(call, key))
                .thenCompose(found -> {
                    Changes changes = decide.apply(found);
                    List<WriteBatch.Check> checks = new ArrayList<>();
                    for (int i = 0; i < keys.length; i++) {
                        checks.add(new WriteBatch.Check(keys[i], TransactionView.unchanged(found.get(i))));
                    }
                    WriteBatch batch = new WriteBatch(checks, changes.commands());
                    return RequestDeadline.within(
                                    deadline,
                                    () -> Records.send(
                                            call, () -> records.handler().write(batch)))
                            .thenCompose(answer -> {
                                if (answer.value().applied()) {
                                    return CompletableFuture.completedStage(changes.reply());
                                }
                                call.undoWrite();
                                return records.retryUntil(
                                        call, deadline, () -> changeTogether(call, keys, decide, deadline));
                            });
                });
    }
}
