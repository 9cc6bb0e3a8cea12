package io.caskade.server.listener.redis.command;

import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Result;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/// Removes keys, and tells whether they exist.
final class KeyCommands {

    private static final String GROUP = "generic";
    private static final String REMOVED = "Atomic within a partition, up to 10,000 keys; not across partitions.";
    private static final String READ = "Not atomic: each key is read by itself.";

    private final Records records;
    private final RecordBatches batches;

    KeyCommands(Records records) {
        this.records = records;
        this.batches = new RecordBatches(records);
    }

    List<RedisCommand> commands() {
        return List.of(
                of("del", -2, "1.0.0", "O(N)", "Deletes keys.", this::del)
                        .with(Flag.WRITE)
                        .with(KeySpec.ALL)
                        .but(REMOVED),
                of("unlink", -2, "4.0.0", "O(N)", "Deletes keys, as DEL does.", this::del)
                        .with(Flag.WRITE, Flag.FAST)
                        .with(KeySpec.ALL)
                        .but(REMOVED),
                of("exists", -2, "1.0.0", "O(N)", "Counts the keys that exist.", this::exists)
                        .with(Flag.READONLY, Flag.FAST)
                        .with(KeySpec.ALL)
                        .but(READ),
                of("touch", -2, "3.2.1", "O(N)", "Counts the keys that exist; there is no access time.", this::exists)
                        .with(Flag.READONLY, Flag.FAST)
                        .with(KeySpec.ALL)
                        .but(READ),
                of("type", 2, "1.0.0", "O(1)", "Tells a key's type: string or none.", this::type)
                        .with(Flag.READONLY, Flag.FAST)
                        .with(KeySpec.FIRST));
    }

    private static RedisCommand of(
            String name, int arity, String since, String complexity, String summary, Handler handler) {
        return RedisCommand.of(name, arity, GROUP, since, complexity, summary, handler);
    }

    private CompletionStage<Reply> del(Call call) {
        if (call.size() == 2) {
            return records.writeAndTell(call, new Command.Delete(call.argument(1), new Condition.None()));
        }
        List<Command> deletes = Arrays.stream(call.from(1))
                .<Command>map(key -> new Command.Delete(key, new Condition.None()))
                .toList();
        return batches.writeTogether(call, deletes)
                .thenApply(results ->
                        Reply.integer(results.stream().filter(Result::applied).count()));
    }

    private CompletionStage<Reply> exists(Call call) {
        if (call.size() == 2) {
            return records.answerInfo(call, call.argument(1), found -> Reply.integer(found != null));
        }
        return Records.count(call.from(1), key -> records.readInfo(call, key).thenApply(Objects::nonNull));
    }

    private CompletionStage<Reply> type(Call call) {
        return records.answerInfo(call, call.argument(1), found -> Reply.simple(found == null ? "none" : "string"));
    }
}
