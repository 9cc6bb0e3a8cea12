package io.caskade.bench.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// HTTP/1.1 to Caskade's `/v1/kv/`, values as plain bytes, on connections that are kept. Keys must need no
/// percent-encoding. Immutable.
public record HttpProtocol() implements WireProtocol {

    private static final int FIRST_FAILURE = 400;
    private static final int NO_CONTENT = 204;
    private static final int STATUS_START = "HTTP/1.1 ".length();
    private static final int STATUS_END = STATUS_START + 3;
    private static final String BLANK_LINE = "\r\n\r\n";

    private static final byte[] REST_OF_GET = " HTTP/1.1\r\nHost: caskade\r\nAccept: application/octet-stream\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII);
    private static final byte[] REST_OF_PUT =
            " HTTP/1.1\r\nHost: caskade\r\nContent-Type: application/octet-stream\r\nContent-Length: "
                    .getBytes(StandardCharsets.US_ASCII);

    @Override
    public void get(OutputBuffer out, byte[] key) {
        out.add("GET /v1/kv/").add(key).add(REST_OF_GET);
    }

    @Override
    public void put(OutputBuffer out, byte[] key, byte[] value) {
        out.add("PUT /v1/kv/")
                .add(key)
                .add(REST_OF_PUT)
                .add(value.length + BLANK_LINE)
                .add(value);
    }

    @Override
    public ReplyReader newReader() {
        return HttpProtocol::next;
    }

    private static @Nullable Reply next(ByteBuffer received) {
        byte[] bytes = new byte[received.remaining()];
        received.get(received.position(), bytes);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int headerEnd = text.indexOf(BLANK_LINE);
        if (headerEnd < 0) {
            return null;
        }
        String header = text.substring(0, headerEnd);
        int status = Integer.parseInt(header.substring(STATUS_START, STATUS_END));
        int end = headerEnd + BLANK_LINE.length() + (status == NO_CONTENT ? 0 : contentLength(header));
        if (end > bytes.length) {
            return null;
        }
        received.position(received.position() + end);
        return status < FIRST_FAILURE ? Reply.OK : Reply.failed("status " + status);
    }

    private static int contentLength(String header) {
        return header.lines()
                .map(line -> line.toLowerCase(Locale.ROOT))
                .filter(line -> line.startsWith("content-length:"))
                .map(line ->
                        Integer.parseInt(line.substring(line.indexOf(':') + 1).strip()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("a reply without a length: " + header));
    }
}
