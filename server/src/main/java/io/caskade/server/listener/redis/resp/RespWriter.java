package io.caskade.server.listener.redis.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Writes replies in RESP2 or RESP3, one after the other into the same buffer. For the connection's thread.
///
/// Texts are written byte by byte, so that an error can quote what a client sent.
public final class RespWriter {

    /// A long string is handed on as it is instead of being copied.
    private static final int WRAPPED_BYTES = 16 << 10;

    private static final int FIRST_BYTES = 1 << 10;
    private static final int MAX_DIGITS = 20;

    private final ByteBufAllocator allocator;
    private final Consumer<ByteBuf> sink;
    private final byte[] digits = new byte[MAX_DIGITS];

    private @Nullable ByteBuf buffer;
    private boolean resp3;

    /// @param sink takes what was written, in order, and releases it
    public RespWriter(ByteBufAllocator allocator, Consumer<ByteBuf> sink) {
        this.allocator = allocator;
        this.sink = sink;
    }

    /// Sets whether the following replies are in RESP3.
    public void setResp3(boolean resp3) {
        this.resp3 = resp3;
    }

    /// Whether replies are in RESP3.
    public boolean isResp3() {
        return resp3;
    }

    /// The bytes that the sink has not got yet.
    public int buffered() {
        ByteBuf written = buffer;
        return written == null ? 0 : written.readableBytes();
    }

    /// Hands what was written to the sink.
    public void flush() {
        ByteBuf written = buffer;
        if (written != null) {
            buffer = null;
            sink.accept(written);
        }
    }

    /// Drops what was written. Idempotent.
    public void close() {
        ByteBuf written = buffer;
        if (written != null) {
            buffer = null;
            written.release();
        }
    }

    /// A simple string; it must hold neither CR nor LF.
    public void simple(String text) {
        line('+', text);
    }

    /// An error. Its text must be one line: CR and LF become spaces, and are left out at the end.
    public void error(String text) {
        int end = text.length();
        while (end > 0 && isLineEnd(text.charAt(end - 1))) {
            end--;
        }
        line('-', text.substring(0, end).replace('\r', ' ').replace('\n', ' '));
    }

    private static boolean isLineEnd(char c) {
        return c == '\r' || c == '\n';
    }

    private void line(char type, String text) {
        ByteBuf out = buffer();
        out.writeByte(type);
        out.writeCharSequence(text, StandardCharsets.ISO_8859_1);
        end(out);
    }

    /// A number.
    public void integer(long number) {
        header(':', number);
    }

    /// A string; the array must not be changed afterwards.
    public void bulk(byte[] bytes) {
        header('$', bytes.length);
        if (bytes.length >= WRAPPED_BYTES) {
            flush();
            sink.accept(Unpooled.wrappedBuffer(bytes));
        } else {
            buffer().writeBytes(bytes);
        }
        end(buffer());
    }

    /// A string of a text, in UTF-8.
    public void bulk(String text) {
        bulk(text.getBytes(StandardCharsets.UTF_8));
    }

    /// A text for people; clients show it as it is.
    public void verbatim(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (!resp3) {
            bulk(bytes);
            return;
        }
        header('=', bytes.length + 4L);
        ByteBuf out = buffer();
        out.writeCharSequence("txt:", StandardCharsets.US_ASCII);
        out.writeBytes(bytes);
        end(out);
    }

    /// No value, where there could be a string.
    public void none() {
        none("$-1");
    }

    /// No value, where there could be an array.
    public void noArray() {
        none("*-1");
    }

    private void none(String inResp2) {
        ByteBuf out = buffer();
        out.writeCharSequence(resp3 ? "_" : inResp2, StandardCharsets.US_ASCII);
        end(out);
    }

    /// Begins an array of so many values.
    public void array(int size) {
        header('*', size);
    }

    /// Begins a map of so many pairs of a key and a value.
    public void map(int size) {
        if (resp3) {
            header('%', size);
        } else {
            header('*', 2L * size);
        }
    }

    /// Begins a set of so many values.
    public void set(int size) {
        header(resp3 ? '~' : '*', size);
    }

    private void header(char type, long number) {
        ByteBuf out = buffer();
        out.writeByte(type);
        if (number == Long.MIN_VALUE) {
            out.writeCharSequence(Long.toString(number), StandardCharsets.US_ASCII);
        } else {
            int at = MAX_DIGITS;
            long left = Math.abs(number);
            do {
                digits[--at] = (byte) ('0' + left % 10);
                left /= 10;
            } while (left != 0);
            if (number < 0) {
                digits[--at] = '-';
            }
            out.writeBytes(digits, at, MAX_DIGITS - at);
        }
        end(out);
    }

    private static void end(ByteBuf out) {
        out.writeByte('\r').writeByte('\n');
    }

    private ByteBuf buffer() {
        ByteBuf written = buffer;
        if (written == null) {
            written = allocator.buffer(FIRST_BYTES);
            buffer = written;
        }
        return written;
    }
}
