package io.caskade.server.listener.redis.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Replies as clients read them.
class RespWriterTest {

    private final StringBuilder sent = new StringBuilder();
    private int buffers;

    private final RespWriter writer = new RespWriter(UnpooledByteBufAllocator.DEFAULT, this::send);

    private void send(ByteBuf bytes) {
        sent.append(bytes.toString(ISO_8859_1));
        buffers++;
        bytes.release();
    }

    private String written(Consumer<RespWriter> reply) {
        sent.setLength(0);
        reply.accept(writer);
        writer.flush();
        return sent.toString();
    }

    @Test
    void simpleValuesAreAlikeInBothProtocols() {
        for (boolean resp3 : new boolean[] {false, true}) {
            writer.setResp3(resp3);
            assertThat(written(out -> out.simple("OK"))).isEqualTo("+OK\r\n");
            assertThat(written(out -> out.error("ERR no"))).isEqualTo("-ERR no\r\n");
            assertThat(written(out -> out.bulk("h\u00e9"))).isEqualTo("$3\r\nh\u00c3\u00a9\r\n");
            assertThat(written(out -> out.bulk(""))).isEqualTo("$0\r\n\r\n");
            assertThat(written(out -> out.array(3))).isEqualTo("*3\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 10, 1234567890123L, Long.MAX_VALUE, Long.MIN_VALUE})
    void numbersAreDecimal(long number) {
        assertThat(written(out -> out.integer(number))).isEqualTo(":" + number + "\r\n");
    }

    @Test
    void theAbsenceOfAValueDependsOnTheProtocol() {
        assertThat(written(RespWriter::none)).isEqualTo("$-1\r\n");
        assertThat(written(RespWriter::noArray)).isEqualTo("*-1\r\n");
        writer.setResp3(true);
        assertThat(written(RespWriter::none)).isEqualTo("_\r\n");
        assertThat(written(RespWriter::noArray)).isEqualTo("_\r\n");
    }

    @Test
    void mapsAndSetsAreArraysInResp2() {
        assertThat(written(out -> out.map(2))).isEqualTo("*4\r\n");
        assertThat(written(out -> out.set(2))).isEqualTo("*2\r\n");
        assertThat(written(out -> out.verbatim("ab"))).isEqualTo("$2\r\nab\r\n");
        writer.setResp3(true);
        assertThat(written(out -> out.map(2))).isEqualTo("%2\r\n");
        assertThat(written(out -> out.set(2))).isEqualTo("~2\r\n");
        assertThat(written(out -> out.verbatim("ab"))).isEqualTo("=6\r\ntxt:ab\r\n");
    }

    @Test
    void anErrorNeverHoldsTheEndOfALine() {
        assertThat(written(out -> out.error("ERR a\r\n+OK\rb\nc"))).isEqualTo("-ERR a  +OK b c\r\n");
        assertThat(written(out -> out.error("ERR a\r\n"))).isEqualTo("-ERR a\r\n");
    }

    @Test
    void repliesShareABuffer() {
        written(out -> {
            for (int i = 0; i < 100; i++) {
                out.simple("OK");
            }
        });

        assertThat(buffers).isEqualTo(1);
    }

    @Test
    void aLongStringIsNotCopied() {
        byte[] value = new byte[100_000];

        assertThat(written(out -> out.bulk(value))).hasSize("$100000\r\n".length() + value.length + 2);

        assertThat(buffers).isEqualTo(3);
    }
}
