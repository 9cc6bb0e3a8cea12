package io.caskade.server.listener.redis.command;

import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.listener.redis.command.RecordBatches.Changes;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/// Writes several keys by one command: sets them, renames and copies one to another.
final class BatchCommands {

    private static final String ONE_PARTITION = "Both keys must be in one partition: give them the same {hash tag}.";

    private final Records records;
    private final RecordBatches batches;

    BatchCommands(Records records) {
        this.records = records;
        this.batches = new RecordBatches(records);
    }

    List<RedisCommand> commands() {
        KeySpec pairs = new KeySpec(1, -1, 2);
        KeySpec two = new KeySpec(1, 2, 1);
        return List.of(
                RedisCommand.of("mset", -3, "string", "1.0.1", "O(N)", "Sets several keys.", this::mset)
                        .with(Flag.WRITE, Flag.DENYOOM)
                        .with(pairs)
                        .but("Atomic within a partition, not across partitions."),
                RedisCommand.of(
                                "msetnx",
                                -3,
                                "string",
                                "1.0.1",
                                "O(N)",
                                "Sets several keys if none of them exists.",
                                this::msetNx)
                        .with(Flag.WRITE, Flag.DENYOOM)
                        .with(pairs)
                        .but("All keys must be in one partition: give them the same {hash tag}."),
                RedisCommand.of(
                                "rename",
                                3,
                                "generic",
                                "1.0.0",
                                "O(N)",
                                "Moves a key's value and expiry to another key, whatever that had.",
                                call -> rename(call, false))
                        .with(Flag.WRITE)
                        .with(two)
                        .but(ONE_PARTITION),
                RedisCommand.of(
                                "renamenx",
                                3,
                                "generic",
                                "1.0.0",
                                "O(N)",
                                "Moves a key's value and expiry to a key that does not exist.",
                                call -> rename(call, true))
                        .with(Flag.WRITE, Flag.FAST)
                        .with(two)
                        .but(ONE_PARTITION),
                RedisCommand.of(
                                "copy",
                                -3,
                                "generic",
                                "6.2.0",
                                "O(N)",
                                "Copies a key's value and expiry to another key.",
                                this::copy)
                        .with(Flag.WRITE, Flag.DENYOOM)
                        .with(two)
                        .but(ONE_PARTITION + " There is only database 0."));
    }

    private CompletionStage<Reply> mset(Call call) {
        List<Command> puts = puts(call);
        if (call.transactionView() == null) {
            batches.requireFitting(puts);
        }
        return batches.writeTogether(call, puts).thenApply(_ -> Reply.OK);
    }

    private CompletionStage<Reply> msetNx(Call call) {
        return batches.writeIfAbsent(call, puts(call)).thenApply(Reply::integer);
    }

    /// Of a key that comes twice, the last value counts.
    private static List<Command> puts(Call call) {
        if (call.size() % 2 == 0) {
            throw RedisError.wrongArity(call.command().name());
        }
        Map<ByteBuffer, Command> puts = new LinkedHashMap<>();
        for (int i = 1; i < call.size(); i += 2) {
            byte[] key = call.argument(i);
            puts.put(
                    ByteBuffer.wrap(key),
                    new Command.Put(key, call.argument(i + 1), new Expiry.Never(), new Condition.None()));
        }
        return List.copyOf(puts.values());
    }

    private CompletionStage<Reply> rename(Call call, boolean ifAbsent) {
        byte[] from = call.argument(1);
        byte[] to = call.argument(2);
        if (Arrays.equals(from, to)) {
            return records.answerInfo(call, from, found -> {
                if (found == null) {
                    throw noSuchKey();
                }
                return ifAbsent ? Reply.ZERO : Reply.OK;
            });
        }
        batches.requireOnePartition(new byte[][] {from, to});
        byte[][] read = ifAbsent ? new byte[][] {from, to} : new byte[][] {from};
        return batches.changeTogether(call, read, found -> {
            FoundRecord source = found.getFirst();
            if (source == null) {
                throw noSuchKey();
            }
            if (ifAbsent && found.get(1) != null) {
                return new Changes(List.of(), Reply.ZERO);
            }
            return new Changes(
                    List.of(put(to, source), new Command.Delete(from, new Condition.None())),
                    ifAbsent ? Reply.ONE : Reply.OK);
        });
    }

    private static RedisError noSuchKey() {
        return new RedisError("ERR no such key");
    }

    private static Command put(byte[] key, FoundRecord source) {
        Expiry expiry = source.expiresAt() == 0 ? new Expiry.Never() : new Expiry.At(source.expiresAt());
        return new Command.Put(key, source.value(), expiry, new Condition.None());
    }

    private CompletionStage<Reply> copy(Call call) {
        boolean replaces = replaces(call);
        byte[] from = call.argument(1);
        byte[] to = call.argument(2);
        if (Arrays.equals(from, to)) {
            throw new RedisError("ERR source and destination objects are the same");
        }
        batches.requireOnePartition(new byte[][] {from, to});
        byte[][] read = replaces ? new byte[][] {from} : new byte[][] {from, to};
        return batches.changeTogether(call, read, found -> {
            FoundRecord source = found.getFirst();
            boolean copies = source != null && (replaces || found.get(1) == null);
            return source != null && copies
                    ? new Changes(List.of(put(to, source)), Reply.ONE)
                    : new Changes(List.of(), Reply.ZERO);
        });
    }

    private static boolean replaces(Call call) {
        boolean replaces = false;
        int i = 3;
        while (i < call.size()) {
            if (call.is(i, "REPLACE")) {
                replaces = true;
                i++;
            } else if (call.is(i, "DB") && i + 1 < call.size()) {
                ConnectionCommands.requireDatabase(call.integer(i + 1));
                i += 2;
            } else {
                throw RedisError.syntax();
            }
        }
        return replaces;
    }
}
