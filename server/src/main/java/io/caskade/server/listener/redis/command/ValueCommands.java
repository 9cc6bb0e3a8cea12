package io.caskade.server.listener.redis.command;

import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.listener.redis.command.Records.Change;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Reads and changes parts of values, and counts.
final class ValueCommands {

    private static final String GROUP = "string";
    private static final byte[] NO_BYTES = {};
    private static final String TOO_LONG = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";

    private final Records records;
    private final int maxValueBytes;

    /// @param maxValueBytes the longest value, the setting `storage.max-value-size`
    ValueCommands(Records records, int maxValueBytes) {
        this.records = records;
        this.maxValueBytes = maxValueBytes;
    }

    List<RedisCommand> commands() {
        return List.of(
                of("strlen", 2, "2.2.0", "O(1)", "Returns the length of a key's value.", this::strlen)
                        .with(Flag.READONLY, Flag.FAST)
                        .with(KeySpec.FIRST),
                of("getrange", 4, "2.4.0", "O(N)", "Returns a part of a key's value.", this::getRange)
                        .with(Flag.READONLY)
                        .with(KeySpec.FIRST),
                of(
                                "substr",
                                4,
                                "1.0.0",
                                "O(N)",
                                "Returns a part of a key's value; GETRANGE's old name.",
                                this::getRange)
                        .with(Flag.READONLY)
                        .with(KeySpec.FIRST),
                of("append", 3, "2.0.0", "O(N)", "Appends to a key's value.", this::append)
                        .with(Flag.WRITE, Flag.DENYOOM, Flag.FAST)
                        .with(KeySpec.FIRST)
                        .but("Writes the whole value."),
                of("setrange", 4, "2.2.0", "O(N)", "Overwrites a part of a key's value.", this::setRange)
                        .with(Flag.WRITE, Flag.DENYOOM)
                        .with(KeySpec.FIRST)
                        .but("Writes the whole value."),
                of("incr", 2, "1.0.0", "O(1)", "Adds one to the number of a key.", call -> add(call, 1))
                        .with(Flag.WRITE, Flag.DENYOOM, Flag.FAST)
                        .with(KeySpec.FIRST),
                of("decr", 2, "1.0.0", "O(1)", "Subtracts one from the number of a key.", call -> add(call, -1))
                        .with(Flag.WRITE, Flag.DENYOOM, Flag.FAST)
                        .with(KeySpec.FIRST),
                of("incrby", 3, "1.0.0", "O(1)", "Adds to the number of a key.", call -> add(call, call.integer(2)))
                        .with(Flag.WRITE, Flag.DENYOOM, Flag.FAST)
                        .with(KeySpec.FIRST),
                of("decrby", 3, "1.0.0", "O(1)", "Subtracts from the number of a key.", this::decrBy)
                        .with(Flag.WRITE, Flag.DENYOOM, Flag.FAST)
                        .with(KeySpec.FIRST),
                of("incrbyfloat", 3, "2.6.0", "O(1)", "Adds a decimal number to that of a key.", this::incrByFloat)
                        .with(Flag.WRITE, Flag.DENYOOM, Flag.FAST)
                        .with(KeySpec.FIRST)
                        .but(
                                "Decimal arithmetic: exact to 17 places, without binary rounding; no hexadecimal numbers."));
    }

    private static RedisCommand of(
            String name, int arity, String since, String complexity, String summary, Handler handler) {
        return RedisCommand.of(name, arity, GROUP, since, complexity, summary, handler);
    }

    private CompletionStage<Reply> strlen(Call call) {
        return records.answerInfo(
                call, call.argument(1), found -> Reply.integer(found == null ? 0 : found.valueBytes()));
    }

    private CompletionStage<Reply> getRange(Call call) {
        long start = call.integer(2);
        long end = call.integer(3);
        return records.answer(
                call,
                call.argument(1),
                found -> Reply.bulk(found == null ? NO_BYTES : range(found.value(), start, end)));
    }

    /// Negative positions count from the end.
    private static byte[] range(byte[] value, long start, long end) {
        int length = value.length;
        if (start < 0 && end < 0 && start > end) {
            return NO_BYTES;
        }
        long first = Math.max(0, start < 0 ? length + start : start);
        long last = Math.min(Math.max(0, end < 0 ? length + end : end), length - 1L);
        return length == 0 || first > last ? NO_BYTES : Arrays.copyOfRange(value, (int) first, (int) last + 1);
    }

    private CompletionStage<Reply> append(Call call) {
        byte[] more = call.argument(2);
        return records.change(call, call.argument(1), found -> {
            byte[] value = found == null ? NO_BYTES : found.value();
            requireFitting((long) value.length + more.length);
            byte[] longer = Arrays.copyOf(value, value.length + more.length);
            System.arraycopy(more, 0, longer, value.length, more.length);
            return new Change.Write(longer, new Expiry.Keep(), Reply.integer(longer.length));
        });
    }

    private CompletionStage<Reply> setRange(Call call) {
        long offset = call.integer(2);
        byte[] part = call.argument(3);
        if (offset < 0) {
            throw new RedisError("ERR offset is out of range");
        }
        return records.change(call, call.argument(1), found -> {
            byte[] value = found == null ? NO_BYTES : found.value();
            if (part.length == 0) {
                return new Change.Nothing(Reply.integer(value.length));
            }
            requireFitting(offset > maxValueBytes ? offset : offset + part.length);
            byte[] changed = Arrays.copyOf(value, Math.max(value.length, (int) offset + part.length));
            System.arraycopy(part, 0, changed, (int) offset, part.length);
            return new Change.Write(changed, new Expiry.Keep(), Reply.integer(changed.length));
        });
    }

    private void requireFitting(long length) {
        if (length > maxValueBytes) {
            throw new RedisError(TOO_LONG);
        }
    }

    private CompletionStage<Reply> decrBy(Call call) {
        long delta = call.integer(2);
        if (delta == Long.MIN_VALUE) {
            throw new RedisError("ERR decrement would overflow");
        }
        return add(call, -delta);
    }

    private CompletionStage<Reply> add(Call call, long delta) {
        return records.write(call, new Command.Increment(call.argument(1), delta))
                .thenApply(result -> Reply.integer(result.number()))
                .exceptionallyCompose(failure -> CompletableFuture.failedStage(redisError(failure)));
    }

    private static Throwable redisError(Throwable failure) {
        return switch (failure) {
            case CompletionException wrapped when wrapped.getCause() != null -> redisError(wrapped.getCause());
            case CommandRefusedException refused
            when refused.reason() == Reason.WRONG_VALUE -> RedisError.notAnInteger();
            case CommandRefusedException refused
            when refused.reason() == Reason.OVERFLOW -> new RedisError("ERR increment or decrement would overflow");
            default -> failure;
        };
    }

    private CompletionStage<Reply> incrByFloat(Call call) {
        byte[] delta = call.argument(2);
        return records.change(call, call.argument(1), found -> {
            // As in Redis, what the key has is looked at first.
            BigDecimal sum = number(found).add(Decimals.parse(delta));
            byte[] value = Decimals.format(sum).getBytes(StandardCharsets.US_ASCII);
            requireFitting(value.length);
            return new Change.Write(value, new Expiry.Keep(), Reply.bulk(value));
        });
    }

    private static BigDecimal number(@Nullable FoundRecord found) {
        return found == null ? BigDecimal.ZERO : Decimals.parse(found.value());
    }
}
