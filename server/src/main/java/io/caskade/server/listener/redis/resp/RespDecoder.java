package io.caskade.server.listener.redis.resp;

import io.caskade.server.command.ByteBudget;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads the commands of one connection, as arrays of bulk strings or as lines that a person typed. For the
/// connection's thread.
///
/// Memory grows with what has arrived, never with what was announced, and what a command that is not complete
/// takes comes from a budget. A command that does not fit is read to its end and dropped, so that the
/// connection stays in step.
public final class RespDecoder {

    /// The most arguments of a command.
    public static final int MAX_ARGUMENTS = 1024 * 1024;

    /// The longest line: an inline command, or the announcement of a length.
    public static final int MAX_LINE_BYTES = 64 << 10;

    /// What an argument takes in memory besides its bytes, about.
    private static final int ARGUMENT_OVERHEAD_BYTES = 32;

    private static final int FIRST_ARGUMENTS = 16;
    private static final int FIRST_BYTES = 4 << 10;
    private static final byte[] NO_BYTES = {};
    private static final byte[][] NO_ARGUMENTS = {};

    private final int maxBulkBytes;
    private final ByteBudget budget;

    private ByteBudget.@Nullable Hold hold;

    /// What the command that was decoded last has taken.
    private ByteBudget.@Nullable Hold taken;

    /// The arguments of the current command that are still to come; 0 between commands.
    private int missing;

    /// The length of the current argument; -1 before it is known.
    private int length = -1;

    private byte[][] arguments = NO_ARGUMENTS;
    private int count;
    private long bytes;

    /// The beginning of an argument that has not arrived completely.
    private byte[] partial = NO_BYTES;

    private int filled;

    /// How much of the current line was searched for its end.
    private int searched;

    private boolean dropping;
    private boolean dropped;

    /// @param maxBulkBytes the longest argument
    /// @param budget bounds the bytes of commands that are not complete, for all connections together
    public RespDecoder(int maxBulkBytes, ByteBudget budget) {
        this.maxBulkBytes = maxBulkBytes;
        this.budget = budget;
    }

    /// The next command's arguments, its name first; null when more bytes must arrive.
    ///
    /// @throws RespProtocolException when the bytes are no command; the decoder must not be used again then
    public byte @Nullable [][] decode(ByteBuf in) throws RespProtocolException {
        dropped = false;
        release(takeHold());
        while (in.isReadable()) {
            byte[][] command;
            if (missing > 0 || in.getByte(in.readerIndex()) == '*') {
                command = decodeArray(in);
            } else {
                command = decodeLine(in);
            }
            if (command == null) {
                requireRoom();
                return null;
            }
            if (command.length > 0) {
                return command;
            }
        }
        return null;
    }

    /// Whether the command that was decoded last lacks arguments, because the budget had no room for them.
    public boolean isDropped() {
        return dropped;
    }

    /// What the command that was decoded last has taken of the budget, to be released once it was carried
    /// out; null when it has arrived at once.
    public ByteBudget.@Nullable Hold takeHold() {
        ByteBudget.Hold held = taken;
        taken = null;
        return held;
    }

    private static void release(ByteBudget.@Nullable Hold held) {
        if (held != null) {
            held.release();
        }
    }

    /// Gives the memory of a command back that will never be complete. Idempotent.
    public void close() {
        release(takeHold());
        forget();
        partial = NO_BYTES;
    }

    private byte @Nullable [][] decodeLine(ByteBuf in) throws RespProtocolException {
        int end = find(in, (byte) '\n', "too big inline request");
        if (end < 0) {
            return null;
        }
        int start = in.readerIndex();
        boolean carriage = end > start && in.getByte(end - 1) == '\r';
        byte[] line = new byte[end - start - (carriage ? 1 : 0)];
        in.readBytes(line);
        endLine(in, end + 1);
        byte[][] split = InlineArguments.split(line);
        if (split == null) {
            throw new RespProtocolException("unbalanced quotes in request");
        }
        return split;
    }

    private byte @Nullable [][] decodeArray(ByteBuf in) throws RespProtocolException {
        if (missing == 0 && !beginArray(in)) {
            return null;
        }
        while (missing > 0) {
            if (length < 0 && !beginArgument(in)) {
                return null;
            }
            if (!readArgument(in)) {
                return null;
            }
            missing--;
            length = -1;
        }
        return complete();
    }

    /// @return false when the line has not arrived
    private boolean beginArray(ByteBuf in) throws RespProtocolException {
        int end = find(in, (byte) '\r', "too big mbulk count string");
        if (end < 0 || end + 1 >= in.writerIndex()) {
            return false;
        }
        long announced = number(in, in.readerIndex() + 1, end, "invalid multibulk length");
        if (announced > MAX_ARGUMENTS) {
            throw new RespProtocolException("invalid multibulk length");
        }
        endLine(in, end + 2);
        missing = (int) Math.max(0, announced);
        arguments = missing == 0 ? NO_ARGUMENTS : new byte[Math.min(missing, FIRST_ARGUMENTS)][];
        count = 0;
        bytes = 0;
        return true;
    }

    /// @return false when the line has not arrived
    private boolean beginArgument(ByteBuf in) throws RespProtocolException {
        if (!in.isReadable()) {
            return false;
        }
        int end = find(in, (byte) '\r', "too big bulk count string");
        if (end < 0 || end + 1 >= in.writerIndex()) {
            return false;
        }
        byte type = in.getByte(in.readerIndex());
        if (type != '$') {
            throw new RespProtocolException("expected '$', got '" + (char) (type & 0xff) + "'");
        }
        long announced = number(in, in.readerIndex() + 1, end, "invalid bulk length");
        if (announced < 0 || announced > maxBulkBytes) {
            throw new RespProtocolException("invalid bulk length");
        }
        endLine(in, end + 2);
        length = (int) announced;
        filled = 0;
        partial = NO_BYTES;
        return true;
    }

    /// @return false when it has not arrived completely
    private boolean readArgument(ByteBuf in) {
        if (dropping) {
            filled += skip(in, length - filled);
        } else if (filled == 0 && in.readableBytes() >= length + 2) {
            byte[] whole = new byte[length];
            in.readBytes(whole);
            in.skipBytes(2);
            add(whole);
            return true;
        } else {
            fill(in);
        }
        if (filled < length || in.readableBytes() < 2) {
            return false;
        }
        in.skipBytes(2);
        if (!dropping) {
            add(partial.length == length ? partial : Arrays.copyOf(partial, length));
        }
        partial = NO_BYTES;
        return true;
    }

    private static int skip(ByteBuf in, int most) {
        int skipped = Math.min(in.readableBytes(), most);
        in.skipBytes(skipped);
        return skipped;
    }

    private void fill(ByteBuf in) {
        int arriving = Math.min(in.readableBytes(), length - filled);
        int needed = filled + arriving;
        if (needed > partial.length) {
            int capacity = (int) Math.min(length, Math.max(FIRST_BYTES, 2L * needed));
            if (!reserve(bytes + capacity)) {
                drop();
                filled += skip(in, length - filled);
                return;
            }
            partial = Arrays.copyOf(partial, capacity);
        }
        in.readBytes(partial, filled, arriving);
        filled = needed;
    }

    private void add(byte[] argument) {
        if (dropping) {
            return;
        }
        if (count == arguments.length) {
            arguments = Arrays.copyOf(arguments, 2 * count);
        }
        arguments[count++] = argument;
        bytes += argument.length + ARGUMENT_OVERHEAD_BYTES;
    }

    /// What stays in memory until more arrives must fit into the budget.
    private void requireRoom() {
        if (missing > 0 && !dropping && !reserve(bytes + partial.length)) {
            drop();
        }
    }

    private boolean reserve(long wanted) {
        ByteBudget.Hold held = hold;
        if (held == null) {
            hold = budget.tryHold(wanted);
            return hold != null;
        }
        return held.tryGrowTo(wanted);
    }

    /// Keeps only the command's name, for the answer.
    private void drop() {
        dropping = true;
        byte[] name = count > 0 ? arguments[0] : NO_BYTES;
        forget();
        partial = NO_BYTES;
        arguments = new byte[][] {name};
        count = 1;
        bytes = 0;
    }

    private void forget() {
        release(hold);
        hold = null;
        arguments = NO_ARGUMENTS;
        count = 0;
    }

    private byte[][] complete() {
        byte[][] command = count == arguments.length ? arguments : Arrays.copyOf(arguments, count);
        dropped = dropping;
        dropping = false;
        taken = hold;
        hold = null;
        forget();
        return command;
    }

    private void endLine(ByteBuf in, int next) {
        in.readerIndex(next);
        searched = 0;
    }

    /// The index of a line's end; -1 when it has not arrived.
    private int find(ByteBuf in, byte end, String tooLong) throws RespProtocolException {
        int start = in.readerIndex();
        int found = in.indexOf(start + Math.min(searched, in.readableBytes()), in.writerIndex(), end);
        int line = found < 0 ? in.readableBytes() : found - start;
        if (line > MAX_LINE_BYTES) {
            throw new RespProtocolException(tooLong);
        }
        searched = line;
        return found;
    }

    /// A number as Redis reads it: no plus sign, no leading zeros, no spaces.
    private static long number(ByteBuf in, int from, int to, String problem) throws RespProtocolException {
        boolean negative = from < to && in.getByte(from) == '-';
        int first = negative ? from + 1 : from;
        int digits = to - first;
        if (digits < 1 || digits > 18 || (in.getByte(first) == '0' && (digits > 1 || negative))) {
            throw new RespProtocolException(problem);
        }
        long number = 0;
        for (int i = first; i < to; i++) {
            int digit = in.getByte(i) - '0';
            if (digit < 0 || digit > 9) {
                throw new RespProtocolException(problem);
            }
            number = number * 10 + digit;
        }
        return negative ? -number : number;
    }
}
