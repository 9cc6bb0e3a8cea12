package io.caskade.server.listener.redis.command;

import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.RequestDeadline;
import io.caskade.server.listener.redis.command.Records.Change;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Reads and changes single bits of values, counts and finds them, and combines values bit by bit.
final class BitCommands {

    private static final String GROUP = "bitmap";
    private static final byte[] NO_BYTES = {};

    private final Records records;
    private final int maxValueBytes;

    /// Bits of a value, both ends included.
    private record Range(long first, long last) {}

    /// Combines bytes.
    private enum Operation {
        AND,
        OR,
        XOR,
        NOT;

        static Operation of(Call call, int index) {
            for (Operation operation : values()) {
                if (call.is(index, operation.name())) {
                    return operation;
                }
            }
            throw RedisError.syntax();
        }

        int apply(int left, int right) {
            return switch (this) {
                case AND -> left & right;
                case OR -> left | right;
                case XOR -> left ^ right;
                case NOT -> ~left;
            };
        }
    }

    /// @param maxValueBytes the longest value, the setting `storage.max-value-size`
    BitCommands(Records records, int maxValueBytes) {
        this.records = records;
        this.maxValueBytes = maxValueBytes;
    }

    List<RedisCommand> commands() {
        return List.of(
                of("setbit", 4, "2.2.0", "O(N)", "Sets or clears a bit of a key's value.", this::setBit)
                        .with(Flag.WRITE, Flag.DENYOOM)
                        .with(KeySpec.FIRST)
                        .but("Writes the whole value, of at most `storage.max-value-size`."),
                of("getbit", 3, "2.2.0", "O(1)", "Returns a bit of a key's value.", this::getBit)
                        .with(Flag.READONLY, Flag.FAST)
                        .with(KeySpec.FIRST),
                of("bitcount", -2, "2.6.0", "O(N)", "Counts the bits that are set.", this::bitCount)
                        .with(Flag.READONLY)
                        .with(KeySpec.FIRST),
                of("bitpos", -3, "2.8.7", "O(N)", "Finds the first bit that is set or clear.", this::bitPos)
                        .with(Flag.READONLY)
                        .with(KeySpec.FIRST),
                of("bitop", -4, "2.6.0", "O(N)", "Combines values bit by bit, and stores the result.", this::bitOp)
                        .with(Flag.WRITE, Flag.DENYOOM)
                        .with(new KeySpec(2, -1, 1))
                        .but("Not atomic: the keys are read in parallel, then the destination is written."));
    }

    private static RedisCommand of(
            String name, int arity, String since, String complexity, String summary, Handler handler) {
        return RedisCommand.of(name, arity, GROUP, since, complexity, summary, handler);
    }

    private static byte[] value(@Nullable FoundRecord found) {
        return found == null ? NO_BYTES : found.value();
    }

    private CompletionStage<Reply> setBit(Call call) {
        long offset = BitOffset.parse(call.argument(2));
        boolean bit = bit(call.argument(3));
        int needed = BitOffset.requireFitting(offset, maxValueBytes);
        return records.change(call, call.argument(1), found -> {
            byte[] value = value(found);
            boolean old = Bits.get(value, offset);
            if (value.length >= needed && old == bit) {
                return new Change.Nothing(Reply.integer(old));
            }
            byte[] changed = Arrays.copyOf(value, Math.max(value.length, needed));
            Bits.set(changed, offset, bit);
            return new Change.Write(changed, new Expiry.Keep(), Reply.integer(old));
        });
    }

    private static boolean bit(byte[] argument) {
        if (Arguments.is(argument, "1")) {
            return true;
        }
        if (Arguments.is(argument, "0")) {
            return false;
        }
        throw new RedisError("ERR bit is not an integer or out of range");
    }

    private CompletionStage<Reply> getBit(Call call) {
        long offset = BitOffset.parse(call.argument(2));
        return records.answer(call, call.argument(1), found -> Reply.integer(Bits.get(value(found), offset)));
    }

    private CompletionStage<Reply> bitCount(Call call) {
        return records.answer(call, call.argument(1), found -> found == null ? Reply.ZERO : count(call, found.value()));
    }

    /// The arguments are read only now: Redis counts no bits of a key that does not exist, whatever they are.
    private static Reply count(Call call, byte[] value) {
        boolean isRange = call.size() == 4 || call.size() == 5;
        if (!isRange && call.size() != 2) {
            throw RedisError.syntax();
        }
        long start = isRange ? call.integer(2) : 0;
        long end = isRange ? call.integer(3) : -1;
        if (start < 0 && end < 0 && start > end) {
            return Reply.ZERO;
        }
        Range range = range(start, end, isInBits(call, 4), value.length);
        return range == null ? Reply.ZERO : Reply.integer(Bits.count(value, range.first(), range.last()));
    }

    /// Whether positions count bits, not bytes.
    private static boolean isInBits(Call call, int index) {
        return call.size() > index && Arguments.either(call.argument(index), "BIT", "BYTE");
    }

    /// Negative positions count from the end.
    ///
    /// @return null when it is empty
    private static @Nullable Range range(long start, long end, boolean inBits, int length) {
        long all = inBits ? 8L * length : length;
        long first = Math.max(0, start < 0 ? all + start : start);
        long last = Math.min(Math.max(0, end < 0 ? all + end : end), all - 1);
        if (first > last) {
            return null;
        }
        return inBits ? new Range(first, last) : new Range(8 * first, 8 * last + 7);
    }

    private CompletionStage<Reply> bitPos(Call call) {
        long bit = call.integer(2);
        if (bit != 0 && bit != 1) {
            throw new RedisError("ERR The bit argument must be 1 or 0.");
        }
        boolean wanted = bit == 1;
        return records.answer(
                call,
                call.argument(1),
                found -> found == null ? Reply.integer(wanted ? -1 : 0) : position(call, wanted, found.value()));
    }

    /// A value whose end was not given goes on with zeros.
    private static Reply position(Call call, boolean wanted, byte[] value) {
        if (call.size() > 6) {
            throw RedisError.syntax();
        }
        long start = call.size() > 3 ? call.integer(3) : 0;
        boolean inBits = isInBits(call, 5);
        boolean hasEnd = call.size() > 4;
        Range range = range(start, hasEnd ? call.integer(4) : -1, inBits, value.length);
        long found = range == null ? -1 : Bits.find(value, wanted, range.first(), range.last());
        return Reply.integer(found < 0 && range != null && !wanted && !hasEnd ? 8L * value.length : found);
    }

    private CompletionStage<Reply> bitOp(Call call) {
        Operation operation = Operation.of(call, 1);
        if (operation == Operation.NOT && call.size() != 4) {
            throw new RedisError("ERR BITOP NOT must be called with a single source key.");
        }
        byte[] destination = call.argument(2);
        byte[][] sources = call.from(3);
        if (Arrays.stream(sources).anyMatch(source -> Arrays.equals(source, destination))) {
            return bitOpInto(call, operation, destination, sources);
        }
        long deadline = records.deadline();
        return Records.<@Nullable FoundRecord>all(sources, key -> records.read(call, key))
                .thenCompose(found -> {
                    byte[] result = combine(
                            operation, found.stream().map(BitCommands::value).toList());
                    Reply reply = Reply.integer(result.length);
                    Command command = result.length == 0
                            ? new Command.Delete(destination, new Condition.None())
                            : new Command.Put(destination, result, new Expiry.Never(), new Condition.None());
                    return RequestDeadline.within(deadline, () -> records.write(call, command))
                            .thenApply(_ -> reply);
                });
    }

    /// The destination, which is a source too, changes only if it is still the same: no write to it is lost.
    private CompletionStage<Reply> bitOpInto(Call call, Operation operation, byte[] destination, byte[][] sources) {
        byte[][] others = Arrays.stream(sources)
                .filter(source -> !Arrays.equals(source, destination))
                .toArray(byte[][]::new);
        return Records.<@Nullable FoundRecord>all(others, key -> records.read(call, key))
                .thenCompose(found -> records.change(call, destination, own -> {
                    List<byte[]> values = new ArrayList<>();
                    int next = 0;
                    for (byte[] source : sources) {
                        values.add(value(Arrays.equals(source, destination) ? own : found.get(next++)));
                    }
                    byte[] result = combine(operation, values);
                    Reply reply = Reply.integer(result.length);
                    return result.length == 0
                            ? new Change.Remove(reply)
                            : new Change.Write(result, new Expiry.Never(), reply);
                }));
    }

    /// Shorter values go on with zeros.
    private static byte[] combine(Operation operation, List<byte[]> values) {
        int longest = values.stream().mapToInt(value -> value.length).max().orElse(0);
        byte[] result = Arrays.copyOf(values.getFirst(), longest);
        if (operation == Operation.NOT) {
            for (int i = 0; i < longest; i++) {
                result[i] = (byte) operation.apply(result[i], 0);
            }
        }
        for (byte[] value : values.subList(1, values.size())) {
            for (int i = 0; i < longest; i++) {
                result[i] = (byte) operation.apply(result[i], i < value.length ? value[i] : 0);
            }
        }
        return result;
    }
}
