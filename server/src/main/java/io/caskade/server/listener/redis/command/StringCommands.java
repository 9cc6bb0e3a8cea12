package io.caskade.server.listener.redis.command;

import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.listener.redis.command.Records.Change;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Writes and reads whole values.
final class StringCommands {

    private static final String GROUP = "string";

    private final Records records;

    StringCommands(Records records) {
        this.records = records;
    }

    List<RedisCommand> commands() {
        return List.of(
                of("get", 2, "1.0.0", "Returns a key's value.", this::get)
                        .with(Flag.READONLY, Flag.FAST)
                        .with(KeySpec.FIRST),
                of("set", -3, "1.0.0", "Sets a key's value, whatever it was, and its expiry.", this::set)
                        .with(Flag.WRITE, Flag.DENYOOM)
                        .with(KeySpec.FIRST),
                of("setnx", 3, "1.0.0", "Sets a key's value if the key does not exist.", this::setNx)
                        .with(Flag.WRITE, Flag.DENYOOM, Flag.FAST)
                        .with(KeySpec.FIRST),
                of("setex", 4, "2.0.0", "Sets a key's value and its expiry in seconds.", call -> setEx(call, true))
                        .with(Flag.WRITE, Flag.DENYOOM)
                        .with(KeySpec.FIRST),
                of(
                                "psetex",
                                4,
                                "2.6.0",
                                "Sets a key's value and its expiry in milliseconds.",
                                call -> setEx(call, false))
                        .with(Flag.WRITE, Flag.DENYOOM)
                        .with(KeySpec.FIRST),
                of("getset", 3, "1.0.0", "Sets a key's value and returns the old one.", this::getSet)
                        .with(Flag.WRITE, Flag.DENYOOM, Flag.FAST)
                        .with(KeySpec.FIRST),
                of("getdel", 2, "6.2.0", "Returns a key's value and deletes the key.", this::getDel)
                        .with(Flag.WRITE, Flag.FAST)
                        .with(KeySpec.FIRST),
                of("getex", -2, "6.2.0", "Returns a key's value and sets its expiry.", this::getEx)
                        .with(Flag.WRITE, Flag.FAST)
                        .with(KeySpec.FIRST),
                RedisCommand.of("mget", -2, GROUP, "1.0.0", "O(N)", "Returns the values of several keys.", this::mget)
                        .with(Flag.READONLY, Flag.FAST)
                        .with(KeySpec.ALL)
                        .but("Not atomic: each key is read by itself."));
    }

    private static RedisCommand of(String name, int arity, String since, String summary, Handler handler) {
        return RedisCommand.of(name, arity, GROUP, since, "O(1)", summary, handler);
    }

    static Reply value(@Nullable FoundRecord found) {
        return found == null ? Reply.NONE : Reply.bulk(found.value());
    }

    private CompletionStage<Reply> get(Call call) {
        return records.answer(call, call.argument(1), StringCommands::value);
    }

    private CompletionStage<Reply> mget(Call call) {
        return Records.<@Nullable FoundRecord>all(call.from(1), key -> records.read(call, key))
                .thenApply(found ->
                        Reply.array(found.stream().map(StringCommands::value).toList()));
    }

    private CompletionStage<Reply> set(Call call) {
        SetOptions options = SetOptions.ofSet(call);
        byte[] key = call.argument(1);
        byte[] value = call.argument(2);
        if (options.returnsOld()) {
            return records.change(call, key, found -> replace(found, value, options));
        }
        return records.write(call, new Command.Put(key, value, options.expiry(), options.condition()))
                .thenApply(result -> result.applied() ? Reply.OK : Reply.NONE);
    }

    private static Change replace(@Nullable FoundRecord found, byte[] value, SetOptions options) {
        boolean holds = switch (options.condition()) {
            case Condition.Absent _ -> found == null;
            case Condition.Present _ -> found != null;
            case Condition.None _, Condition.Version _ -> true;
        };
        return holds ? new Change.Write(value, options.expiry(), value(found)) : new Change.Nothing(value(found));
    }

    private CompletionStage<Reply> setNx(Call call) {
        return records.writeAndTell(
                call, new Command.Put(call.argument(1), call.argument(2), new Expiry.Never(), new Condition.Absent()));
    }

    private CompletionStage<Reply> setEx(Call call, boolean seconds) {
        Expiry expiry = SetOptions.expiry(call.command().name(), call.argument(2), seconds, false);
        return records.write(call, new Command.Put(call.argument(1), call.argument(3), expiry, new Condition.None()))
                .thenApply(_ -> Reply.OK);
    }

    private CompletionStage<Reply> getSet(Call call) {
        return records.change(
                call, call.argument(1), found -> new Change.Write(call.argument(2), new Expiry.Never(), value(found)));
    }

    private CompletionStage<Reply> getDel(Call call) {
        return records.change(
                call,
                call.argument(1),
                found -> found == null ? new Change.Nothing(Reply.NONE) : new Change.Remove(value(found)));
    }

    private CompletionStage<Reply> getEx(Call call) {
        GetExOptions options = GetExOptions.of(call);
        if (!options.changesExpiry()) {
            return get(call);
        }
        return records.change(call, call.argument(1), found -> {
            if (found == null) {
                // As in Redis, whatever the time is.
                return new Change.Nothing(Reply.NONE);
            }
            Expiry expiry = options.expiry(call);
            return found.expiresAt() != 0 || !(expiry instanceof Expiry.Never)
                    ? new Change.Write(found.value(), expiry, value(found))
                    : new Change.Nothing(value(found));
        });
    }
}
