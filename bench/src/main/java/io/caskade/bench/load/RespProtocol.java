package io.caskade.bench.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Redis's: `GET` and `SET`, and, if replicas are to confirm writes, one `WAIT` behind the writes that are sent
/// together. Immutable.
///
/// @param replicas that are to confirm; 0 when the answer to a write is all there is to wait for
public record RespProtocol(int replicas) implements WireProtocol {

    private static final byte[] GET = ascii("*2\r\n$3\r\nGET\r\n");
    private static final byte[] SET = ascii("*3\r\n$3\r\nSET\r\n");
    private static final byte[] END = ascii("\r\n");

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void get(OutputBuffer out, byte[] key) {
        bulk(out.add(GET), key);
    }

    @Override
    public void put(OutputBuffer out, byte[] key, byte[] value) {
        bulk(bulk(out.add(SET), key), value);
    }

    private static OutputBuffer bulk(OutputBuffer out, byte[] bytes) {
        return out.add("$" + bytes.length + "\r\n").add(bytes).add(END);
    }

    @Override
    public boolean confirm(OutputBuffer out) {
        if (replicas == 0) {
            return false;
        }
        String count = Integer.toString(replicas);
        out.add("*3\r\n$4\r\nWAIT\r\n$" + count.length() + "\r\n" + count + "\r\n$1\r\n0\r\n");
        return true;
    }

    @Override
    public @Nullable String refusal(Reply confirmation) {
        if (confirmation.failure() != null) {
            return confirmation.failure();
        }
        return Integer.parseInt(confirmation.text()) < replicas
                ? "confirmed by " + confirmation.text() + " replicas"
                : null;
    }

    @Override
    public ReplyReader newReader() {
        return RespProtocol::next;
    }

    private static @Nullable Reply next(ByteBuffer received) {
        int end = endOfLine(received);
        if (end < 0) {
            return null;
        }
        int start = received.position();
        byte kind = received.get(start);
        if (kind == '+') {
            received.position(end);
            return Reply.OK;
        }
        String line = text(received, start + 1, end - END.length);
        return switch (kind) {
            case '-' -> {
                received.position(end);
                yield Reply.failed(kindOf(line));
            }
            case ':' -> {
                received.position(end);
                yield new Reply(null, line);
            }
            case '$' -> bulk(received, Integer.parseInt(line), end);
            default -> throw new IllegalStateException("an unexpected reply: " + (char) kind + line);
        };
    }

    /// An error's code, which most begin with; the general one says nothing.
    private static String kindOf(String error) {
        String code = error.split(" ", 2)[0];
        return code.equals("ERR") ? error : code;
    }

    private static @Nullable Reply bulk(ByteBuffer received, int length, int start) {
        if (length < 0) {
            received.position(start);
            return Reply.failed("no such key");
        }
        int end = start + length + END.length;
        if (received.limit() < end) {
            return null;
        }
        received.position(end);
        return Reply.OK;
    }

    /// The place behind the line's end, or -1.
    private static int endOfLine(ByteBuffer received) {
        for (int at = received.position() + 1; at < received.limit(); at++) {
            if (received.get(at) == '\n' && received.get(at - 1) == '\r') {
                return at + 1;
            }
        }
        return -1;
    }

    private static String text(ByteBuffer received, int from, int to) {
        byte[] bytes = new byte[to - from];
        received.get(from, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
