package io.caskade.server.listener.redis.command;

import io.caskade.server.command.Command.Expiry;
import io.caskade.server.listener.redis.command.BitField.Overflow;
import io.caskade.server.listener.redis.command.Records.Change;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;

/// `BITFIELD`: reads, sets and counts numbers among the bits of a value.
final class BitFieldCommands {

    private static final String GROUP = "bitmap";
    private static final byte[] NO_BYTES = {};

    private final Records records;
    private final int maxValueBytes;

    private enum Kind {
        GET,
        SET,
        INCRBY
    }

    /// One subcommand.
    ///
    /// @param argument the new number, or what is added; 0 when it is only read
    private record Operation(Kind kind, BitField field, long offset, long argument, Overflow overflow) {

        boolean isWrite() {
            return kind != Kind.GET;
        }

        long lastBit() {
            return offset + field.bits() - 1;
        }

        Reply apply(byte[] value) {
            long old = field.read(value, offset);
            if (kind == Kind.GET) {
                return Reply.integer(old);
            }
            Long written = kind == Kind.SET ? field.fit(argument, overflow) : field.sum(old, argument, overflow);
            if (written == null) {
                return Reply.NONE;
            }
            field.write(value, offset, written);
            return Reply.integer(kind == Kind.SET ? old : written);
        }
    }

    /// @param maxValueBytes the longest value, the setting `storage.max-value-size`
    BitFieldCommands(Records records, int maxValueBytes) {
        this.records = records;
        this.maxValueBytes = maxValueBytes;
    }

    List<RedisCommand> commands() {
        return List.of(
                of("bitfield", "3.2.0", "Reads, sets and counts numbers among a value's bits.", this::bitField)
                        .with(Flag.WRITE, Flag.DENYOOM)
                        .with(KeySpec.FIRST)
                        .but("Writes the whole value, of at most `storage.max-value-size`."),
                of("bitfield_ro", "6.0.0", "Reads numbers among a value's bits.", this::bitFieldReadOnly)
                        .with(Flag.READONLY, Flag.FAST)
                        .with(KeySpec.FIRST));
    }

    private static RedisCommand of(String name, String since, String summary, Handler handler) {
        return RedisCommand.of(name, -2, GROUP, since, "O(1) for each subcommand", summary, handler);
    }

    private CompletionStage<Reply> bitField(Call call) {
        List<Operation> operations = operations(call);
        return operations.stream().anyMatch(Operation::isWrite) ? write(call, operations) : read(call, operations);
    }

    private CompletionStage<Reply> bitFieldReadOnly(Call call) {
        List<Operation> operations = operations(call);
        if (operations.stream().anyMatch(Operation::isWrite)) {
            throw new RedisError("ERR BITFIELD_RO only supports the GET subcommand");
        }
        return read(call, operations);
    }

    private static List<Operation> operations(Call call) {
        List<Operation> operations = new ArrayList<>();
        Overflow overflow = Overflow.WRAP;
        int i = 2;
        while (i < call.size()) {
            int left = call.size() - i - 1;
            if (call.is(i, "OVERFLOW") && left >= 1) {
                overflow = overflow(call, i + 1);
                i += 2;
            } else if (call.is(i, "GET") && left >= 2) {
                operations.add(operation(call, i, Kind.GET, overflow));
                i += 3;
            } else if ((call.is(i, "SET") || call.is(i, "INCRBY")) && left >= 3) {
                operations.add(operation(call, i, call.is(i, "SET") ? Kind.SET : Kind.INCRBY, overflow));
                i += 4;
            } else {
                throw RedisError.syntax();
            }
        }
        return operations;
    }

    private static Operation operation(Call call, int index, Kind kind, Overflow overflow) {
        BitField field = BitField.parse(call.argument(index + 1));
        long offset = BitOffset.parse(call.argument(index + 2), field.bits());
        long argument = kind == Kind.GET ? 0 : call.integer(index + 3);
        return new Operation(kind, field, offset, argument, overflow);
    }

    private static Overflow overflow(Call call, int index) {
        for (Overflow overflow : Overflow.values()) {
            if (call.is(index, overflow.name())) {
                return overflow;
            }
        }
        throw new RedisError("ERR Invalid OVERFLOW type specified");
    }

    private CompletionStage<Reply> read(Call call, List<Operation> operations) {
        return records.answer(
                call, call.argument(1), found -> apply(operations, found == null ? NO_BYTES : found.value()));
    }

    private CompletionStage<Reply> write(Call call, List<Operation> operations) {
        long last = operations.stream()
                .filter(Operation::isWrite)
                .mapToLong(Operation::lastBit)
                .max()
                .orElse(0);
        int needed = BitOffset.requireFitting(last, maxValueBytes);
        return records.change(call, call.argument(1), found -> {
            byte[] value = found == null ? NO_BYTES : found.value();
            byte[] changed = Arrays.copyOf(value, Math.max(value.length, needed));
            Reply reply = apply(operations, changed);
            return Arrays.equals(changed, value)
                    ? new Change.Nothing(reply)
                    : new Change.Write(changed, new Expiry.Keep(), reply);
        });
    }

    private static Reply apply(List<Operation> operations, byte[] value) {
        return Reply.array(
                operations.stream().map(operation -> operation.apply(value)).toList());
    }
}
