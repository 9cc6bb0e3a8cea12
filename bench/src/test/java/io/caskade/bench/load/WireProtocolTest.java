package io.caskade.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bench.load.WireProtocol.Reply;
import io.caskade.bench.load.WireProtocol.ReplyReader;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireProtocolTest {

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String written(OutputBuffer out) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        out.writeTo(Channels.newChannel(bytes));
        assertThat(out.isEmpty()).isTrue();
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    /// All replies in what is received a byte at a time, and then again all at once.
    private static List<Reply> replies(WireProtocol protocol, String received) {
        ReplyReader slow = protocol.newReader();
        List<Reply> replies = new ArrayList<>();
        ByteBuffer bytes = ByteBuffer.wrap(ascii(received));
        for (int limit = 0; limit <= bytes.capacity(); limit++) {
            Reply reply = slow.next(bytes.limit(limit));
            if (reply != null) {
                replies.add(reply);
            }
        }
        assertThat(bytes.hasRemaining()).isFalse();
        ByteBuffer all = ByteBuffer.wrap(ascii(received));
        ReplyReader fast = protocol.newReader();
        replies.forEach(reply -> assertThat(fast.next(all)).isEqualTo(reply));
        assertThat(fast.next(all)).isNull();
        return replies;
    }

    @Test
    void redisRequestsAreArraysOfBulkStrings() throws Exception {
        OutputBuffer out = new OutputBuffer();
        RespProtocol protocol = new RespProtocol(0);
        protocol.get(out, ascii("key"));
        protocol.put(out, ascii("key"), ascii("value"));

        assertThat(protocol.confirm(out)).isFalse();
        assertThat(written(out))
                .isEqualTo("*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nvalue\r\n");
    }

    @Test
    void redisRepliesAreFoundHoweverTheyArrive() {
        assertThat(replies(
                        new RespProtocol(0),
                        "+OK\r\n$7\r\na\r\nb\r\nc\r\n$-1\r\n:12\r\n-BUSY not now\r\n-ERR syntax\r\n"))
                .containsExactly(
                        Reply.OK,
                        Reply.OK,
                        Reply.failed("no such key"),
                        new Reply(null, "12"),
                        Reply.failed("BUSY"),
                        Reply.failed("ERR syntax"));
    }

    @Test
    void replicasConfirmOnlyIfThereAreEnough() throws Exception {
        OutputBuffer out = new OutputBuffer();
        RespProtocol protocol = new RespProtocol(2);

        assertThat(protocol.confirm(out)).isTrue();
        assertThat(written(out)).isEqualTo("*3\r\n$4\r\nWAIT\r\n$1\r\n2\r\n$1\r\n0\r\n");
        assertThat(protocol.refusal(new Reply(null, "2"))).isNull();
        assertThat(protocol.refusal(new Reply(null, "1"))).isEqualTo("confirmed by 1 replicas");
        assertThat(protocol.refusal(Reply.failed("ERR"))).isEqualTo("ERR");
    }

    @Test
    void httpRequestsSayHowLongTheyAre() throws Exception {
        OutputBuffer out = new OutputBuffer();
        new HttpProtocol().put(out, ascii("key"), ascii("value"));

        assertThat(written(out))
                .startsWith("PUT /v1/kv/key HTTP/1.1\r\nHost: ")
                .endsWith("Content-Length: 5\r\n\r\nvalue");
    }

    @Test
    void httpRepliesAreFoundHoweverTheyArrive() {
        assertThat(replies(
                        new HttpProtocol(),
                        String.join(
                                "",
                                "HTTP/1.1 200 OK\r\nContent-length: 3\r\n\r\nabc",
                                "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n",
                                "HTTP/1.1 503 Busy\r\ncontent-length:  0\r\n\r\n")))
                .containsExactly(Reply.OK, Reply.OK, Reply.failed("status 503"));
    }
}
