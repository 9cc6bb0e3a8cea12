package io.caskade.server.listener.redis.command;

import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expiry;
import java.util.List;
import java.util.concurrent.CompletionStage;

/// `DUMP` and `RESTORE`: a value as a payload that tells whether it is intact.
final class DumpCommands {

    private static final String GROUP = "generic";
    private static final int MAX_FREQUENCY = 255;

    private final Records records;

    DumpCommands(Records records) {
        this.records = records;
    }

    List<RedisCommand> commands() {
        return List.of(
                RedisCommand.of("dump", 2, GROUP, "2.6.0", "O(N)", "Returns a key's value as a payload.", this::dump)
                        .with(Flag.READONLY)
                        .with(KeySpec.FIRST)
                        .but("In a format of its own, which Redis does not read."),
                RedisCommand.of("restore", -4, GROUP, "2.6.0", "O(N)", "Makes a key of a payload.", this::restore)
                        .with(Flag.WRITE, Flag.DENYOOM)
                        .with(KeySpec.FIRST)
                        .but("Reads what Caskade's `DUMP` returns, not Redis's; `IDLETIME` and `FREQ` are ignored."));
    }

    private CompletionStage<Reply> dump(Call call) {
        return records.answer(
                call,
                call.argument(1),
                found -> found == null ? Reply.NONE : Reply.bulk(DumpPayload.of(found.value())));
    }

    /// Redis complains of a key that exists before it looks at the time and the payload.
    private CompletionStage<Reply> restore(Call call) {
        RestoreOptions options = RestoreOptions.of(call);
        byte[] key = call.argument(1);
        Command.Put put;
        try {
            put = put(call, options);
        } catch (RedisError e) {
            if (options.replaces()) {
                throw e;
            }
            return records.answerInfo(call, key, found -> found == null ? Reply.error(e.text()) : busy());
        }
        return records.write(call, put).thenApply(result -> result.applied() ? Reply.OK : busy());
    }

    private static Reply busy() {
        return Reply.error("BUSYKEY Target key name already exists.");
    }

    private static Command.Put put(Call call, RestoreOptions options) {
        long time = call.integer(2);
        if (time < 0) {
            throw new RedisError("ERR Invalid TTL value, must be >= 0");
        }
        byte[] value = DumpPayload.value(call.argument(3));
        if (value == null) {
            throw new RedisError("ERR DUMP payload version or checksum are wrong");
        }
        Expiry expiry =
                time == 0 ? new Expiry.Never() : options.isAbsolute() ? new Expiry.At(time) : new Expiry.After(time);
        Condition condition = options.replaces() ? new Condition.None() : new Condition.Absent();
        return new Command.Put(call.argument(1), value, expiry, condition);
    }

    /// What comes after the payload.
    private record RestoreOptions(boolean replaces, boolean isAbsolute) {

        /// @throws RedisError when they make no sense
        static RestoreOptions of(Call call) {
            boolean replaces = false;
            boolean absolute = false;
            boolean idle = false;
            boolean frequency = false;
            for (int i = 4; i < call.size(); i++) {
                boolean hasArgument = i + 1 < call.size();
                if (call.is(i, "REPLACE")) {
                    replaces = true;
                } else if (call.is(i, "ABSTTL")) {
                    absolute = true;
                } else if (call.is(i, "IDLETIME") && hasArgument && !frequency) {
                    i++;
                    idle = true;
                    if (call.integer(i) < 0) {
                        throw new RedisError("ERR Invalid IDLETIME value, must be >= 0");
                    }
                } else if (call.is(i, "FREQ") && hasArgument && !idle) {
                    i++;
                    frequency = true;
                    requireFrequency(call.integer(i));
                } else {
                    throw RedisError.syntax();
                }
            }
            return new RestoreOptions(replaces, absolute);
        }

        private static void requireFrequency(long frequency) {
            if (frequency < 0 || frequency > MAX_FREQUENCY) {
                throw new RedisError("ERR Invalid FREQ value, must be >= 0 and <= 255");
            }
        }
    }
}
