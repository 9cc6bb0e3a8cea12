package io.caskade.server.listener.redis.command;

import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.listener.redis.command.Records.Change;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.ToLongFunction;

/// Sets and tells when keys expire, by the leader's time.
final class ExpiryCommands {

    private static final String GROUP = "generic";
    private static final long MILLIS_PER_SECOND = 1000;
    private static final long NO_KEY = -2;
    private static final long NO_EXPIRY = -1;

    private final Records records;

    /// When a key is to expire, and on which conditions.
    ///
    /// @param millis from now, or since 1970
    private record Demand(long millis, boolean absolute, boolean nx, boolean xx, boolean gt, boolean lt) {

        boolean isConditional() {
            return nx || xx || gt || lt;
        }

        /// A time in the past removes the record.
        Expiry expiry() {
            if (absolute || millis < 1) {
                return new Expiry.At(absolute ? Math.max(1, millis) : 1);
            }
            return new Expiry.After(millis);
        }

        /// A record that never expires counts as one that expires at the end of time.
        boolean allows(FoundRecord found) {
            if (found.expiresAt() == 0) {
                return !xx && !gt;
            }
            long current = absolute ? found.expiresAt() : found.ttlMillis();
            return !nx && !(gt && millis <= current) && !(lt && millis >= current);
        }
    }

    ExpiryCommands(Records records) {
        this.records = records;
    }

    List<RedisCommand> commands() {
        return List.of(
                write(
                        "expire",
                        -3,
                        "1.0.0",
                        "Sets a key's time to live in seconds.",
                        call -> expire(call, true, false)),
                write(
                        "pexpire",
                        -3,
                        "2.6.0",
                        "Sets a key's time to live in milliseconds.",
                        call -> expire(call, false, false)),
                write(
                        "expireat",
                        -3,
                        "1.2.0",
                        "Sets when a key expires, in Unix seconds.",
                        call -> expire(call, true, true)),
                write(
                        "pexpireat",
                        -3,
                        "2.6.0",
                        "Sets when a key expires, in Unix milliseconds.",
                        call -> expire(call, false, true)),
                write("persist", 2, "2.2.0", "Removes a key's expiry.", this::persist),
                read("ttl", "1.0.0", "Returns a key's time to live in seconds.", found -> seconds(found.ttlMillis())),
                read("pttl", "2.6.0", "Returns a key's time to live in milliseconds.", FoundRecord::ttlMillis),
                read(
                        "expiretime",
                        "7.0.0",
                        "Returns when a key expires, in Unix seconds.",
                        found -> seconds(found.expiresAt())),
                read(
                        "pexpiretime",
                        "7.0.0",
                        "Returns when a key expires, in Unix milliseconds.",
                        FoundRecord::expiresAt));
    }

    private static RedisCommand write(String name, int arity, String since, String summary, Handler handler) {
        return RedisCommand.of(name, arity, GROUP, since, "O(1)", summary, handler)
                .with(Flag.WRITE, Flag.FAST)
                .with(KeySpec.FIRST);
    }

    private RedisCommand read(String name, String since, String summary, ToLongFunction<FoundRecord> answer) {
        Handler handler = call -> records.answerInfo(
                call,
                call.argument(1),
                found -> Reply.integer(
                        found == null ? NO_KEY : found.expiresAt() == 0 ? NO_EXPIRY : answer.applyAsLong(found)));
        return RedisCommand.of(name, 2, GROUP, since, "O(1)", summary, handler)
                .with(Flag.READONLY, Flag.FAST)
                .with(KeySpec.FIRST);
    }

    /// Rounded, as Redis does.
    private static long seconds(long millis) {
        return (millis + MILLIS_PER_SECOND / 2) / MILLIS_PER_SECOND;
    }

    private CompletionStage<Reply> persist(Call call) {
        return records.writeAndTell(call, new Command.Persist(call.argument(1)));
    }

    private CompletionStage<Reply> expire(Call call, boolean seconds, boolean absolute) {
        Demand demand = demand(call, seconds, absolute);
        byte[] key = call.argument(1);
        if (!demand.isConditional()) {
            return records.writeAndTell(call, new Command.Expire(key, demand.expiry()));
        }
        return records.change(
                call,
                key,
                found -> found != null && demand.allows(found)
                        ? new Change.Write(found.value(), demand.expiry(), Reply.ONE)
                        : new Change.Nothing(Reply.ZERO));
    }

    private static Demand demand(Call call, boolean seconds, boolean absolute) {
        boolean nx = false;
        boolean xx = false;
        boolean gt = false;
        boolean lt = false;
        for (int i = 3; i < call.size(); i++) {
            if (call.is(i, "NX")) {
                nx = true;
            } else if (call.is(i, "XX")) {
                xx = true;
            } else if (call.is(i, "GT")) {
                gt = true;
            } else if (call.is(i, "LT")) {
                lt = true;
            } else {
                throw new RedisError("ERR Unsupported option " + Arguments.latin1(call.argument(i)));
            }
        }
        if (nx && (xx || gt || lt)) {
            throw new RedisError("ERR NX and XX, GT or LT options at the same time are not compatible");
        }
        if (gt && lt) {
            throw new RedisError("ERR GT and LT options at the same time are not compatible");
        }
        return new Demand(millis(call, seconds, absolute), absolute, nx, xx, gt, lt);
    }

    private static long millis(Call call, boolean seconds, boolean absolute) {
        long time = call.integer(2);
        if (seconds && (time > Long.MAX_VALUE / MILLIS_PER_SECOND || time < Long.MIN_VALUE / MILLIS_PER_SECOND)) {
            throw RedisError.invalidExpireTime(call.command().name());
        }
        long millis = seconds ? time * MILLIS_PER_SECOND : time;
        if (!absolute && millis > Long.MAX_VALUE - System.currentTimeMillis()) {
            throw RedisError.invalidExpireTime(call.command().name());
        }
        return millis;
    }
}
