package io.caskade.cli;

import io.caskade.api.CaskadeErrors;
import io.caskade.api.KeySlots;
import io.caskade.api.v1.ErrorCode;
import io.caskade.cli.command.BytesFormat;
import io.caskade.cli.command.ShellCommand;
import io.caskade.cli.command.UsageException;
import io.caskade.cli.output.CommandResult;
import io.caskade.client.Bytes;
import io.caskade.client.CaskadeClient;
import io.caskade.client.Expectation;
import io.caskade.client.Expiry;
import io.caskade.client.PutOptions;
import io.caskade.client.WriteBatch;
import io.caskade.client.WriteBatchResult;
import io.caskade.client.WriteBatchResult.Outcome;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Writes that are queued, to be done together as one batch. For one thread.
final class Transaction {

    private final List<ShellCommand> queued = new ArrayList<>();
    private boolean aborted;

    /// A command was refused: nothing will be done.
    void abort() {
        aborted = true;
    }

    /// How many commands are queued.
    int size() {
        return queued.size();
    }

    /// Queues a write.
    ///
    /// @throws UsageException for a command that cannot be part of a batch
    void add(ShellCommand command) throws UsageException {
        if (keysOf(command).isEmpty()) {
            throw new UsageException("only writes are queued between multi and exec; help multi lists them");
        }
        queued.add(command);
    }

    /// The keys that a command writes; none of one that cannot be queued.
    private static Collection<Bytes> keysOf(ShellCommand command) {
        return switch (command) {
            case ShellCommand.Set set -> List.of(set.key());
            case ShellCommand.SetAll(Map<Bytes, Bytes> entries) -> entries.keySet();
            case ShellCommand.Delete(List<Bytes> keys) -> keys;
            case ShellCommand.Expire expire -> List.of(expire.key());
            case ShellCommand.Persist persist -> List.of(persist.key());
            case ShellCommand.Increment increment -> List.of(increment.key());
            case ShellCommand.CompareAndSet compareAndSet -> List.of(compareAndSet.key());
            default -> List.of();
        };
    }

    /// Does what is queued, all of it or nothing.
    ///
    /// @throws UsageException when a command was refused before, or keys are of several partitions; nothing is
    ///     done then
    CommandResult execute(CaskadeClient client) throws UsageException {
        if (aborted) {
            throw new UsageException("a command was refused since multi, so nothing of it was done");
        }
        if (queued.isEmpty()) {
            return new CommandResult.Executed(List.of());
        }
        checkPartitions(client.cluster().partitions().size());
        WriteBatch.Builder batch = WriteBatch.builder();
        queued.forEach(command -> add(batch, command));
        return switch (client.write(batch.build())) {
            case WriteBatchResult.Applied(List<Outcome> outcomes, var _) -> {
                Iterator<Outcome> rest = outcomes.iterator();
                yield new CommandResult.Executed(
                        queued.stream().map(command -> result(command, rest)).toList());
            }
            case WriteBatchResult.CheckFailed failed ->
                throw new IllegalStateException("a batch without checks failed check " + failed.check());
        };
    }

    private void checkPartitions(int partitions) throws UsageException {
        Map<Integer, Bytes> one = new TreeMap<>();
        for (ShellCommand command : queued) {
            for (Bytes key : keysOf(command)) {
                one.putIfAbsent(KeySlots.partitionOf(key.toArray(), partitions), key);
            }
        }
        if (one.size() > 1) {
            List<String> some = one.entrySet().stream()
                    .limit(3)
                    .map(entry -> BytesFormat.word(entry.getValue()) + " is of partition " + entry.getKey())
                    .toList();
            throw new UsageException("the keys must be of one partition, but " + String.join(", ", some)
                    + "; keys with the same {hash tag} are of one. Nothing was done");
        }
    }

    private static void add(WriteBatch.Builder batch, ShellCommand command) {
        switch (command) {
            case ShellCommand.Set(Bytes key, Bytes value, PutOptions options) ->
                batch.put(key.toArray(), value.toArray(), options);
            case ShellCommand.SetAll(Map<Bytes, Bytes> entries) ->
                entries.forEach((key, value) -> batch.put(key.toArray(), value.toArray()));
            case ShellCommand.Delete(List<Bytes> keys) -> keys.forEach(key -> batch.delete(key.toArray()));
            case ShellCommand.Expire(Bytes key, Expiry expiry) -> batch.expire(key.toArray(), expiry);
            case ShellCommand.Persist(Bytes key) -> batch.persist(key.toArray());
            case ShellCommand.Increment(Bytes key, long delta) -> batch.increment(key.toArray(), delta);
            case ShellCommand.CompareAndSet(Bytes key, Bytes expected, Bytes value, Expiry expiry) ->
                batch.compareAndSet(key.toArray(), Expectation.value(expected.toArray()), value.toArray(), expiry);
            default -> throw new IllegalStateException("not a write: " + command);
        }
    }

    private static CommandResult result(ShellCommand command, Iterator<Outcome> outcomes) {
        return switch (command) {
            case ShellCommand.SetAll(Map<Bytes, Bytes> entries) -> {
                entries.forEach((_, _) -> outcomes.next());
                yield new CommandResult.WrittenAll(entries.size());
            }
            case ShellCommand.Delete(List<Bytes> keys)
            when keys.size() > 1 -> {
                int found = 0;
                for (int i = 0; i < keys.size(); i++) {
                    found += outcomes.next() instanceof Outcome.Written(var result) && result.applied() ? 1 : 0;
                }
                yield new CommandResult.Deleted(found, keys.size());
            }
            default -> result(command, outcomes.next());
        };
    }

    private static CommandResult result(ShellCommand command, Outcome outcome) {
        Bytes key = keysOf(command).iterator().next();
        return switch (outcome) {
            case Outcome.Written(var result) ->
                command instanceof ShellCommand.Set
                        ? WriteResults.ofPut(key, result)
                        : WriteResults.ofChange(key, result);
            case Outcome.Counted(var counter) -> new CommandResult.Count(key, counter);
            case Outcome.Compared(var result) -> WriteResults.ofCompareAndSet(key, result);
            case Outcome.Refused(ErrorCode code, String message) ->
                new CommandResult.Refused(key, CaskadeErrors.nameOf(code), message);
        };
    }
}
