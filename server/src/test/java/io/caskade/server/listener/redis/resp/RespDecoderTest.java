package io.caskade.server.listener.redis.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.server.command.ByteBudget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Bytes become commands, however they arrive.
class RespDecoderTest {

    private static final int MAX_BULK = 100_000;
    private static final String CRLF = "\r\n";

    private final ByteBudget budget = new ByteBudget(1 << 20);

    private RespDecoder decoder() {
        return new RespDecoder(MAX_BULK, budget);
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, ISO_8859_1);
    }

    private static List<String> words(byte[][] command) {
        return Arrays.stream(command).map(word -> new String(word, ISO_8859_1)).toList();
    }

    /// All commands of a text that arrives in pieces, and the error that ends them.
    private List<String> decode(String text, int... cuts) {
        RespDecoder decoder = decoder();
        ByteBuf in = Unpooled.buffer();
        List<String> decoded = new ArrayList<>();
        int start = 0;
        try {
            for (int i = 0; i <= cuts.length; i++) {
                int end = i < cuts.length ? cuts[i] : text.length();
                in.writeCharSequence(text.substring(start, end), ISO_8859_1);
                start = end;
                for (byte[][] command = decoder.decode(in); command != null; command = decoder.decode(in)) {
                    decoded.add(words(command) + (decoder.isDropped() ? " dropped" : ""));
                }
            }
        } catch (RespProtocolException e) {
            decoded.add(e.text());
        } finally {
            decoder.close();
        }
        return decoded;
    }

    @Test
    void anArrayOfBulkStringsIsACommand() {
        assertThat(decode("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\n\r\n\0v\r\n")).containsExactly("[SET, k, \r\n\0v]");
    }

    @Test
    void aLineIsACommand() {
        assertThat(decode("SET  k \"a b\"\r\nGET k\n")).containsExactly("[SET, k, a b]", "[GET, k]");
    }

    @Test
    void commandsFollowEachOther() {
        assertThat(decode("*1\r\n$4\r\nPING\r\nPING\r\n*1\r\n$4\r\nping\r\n"))
                .containsExactly("[PING]", "[PING]", "[ping]");
    }

    @Test
    void emptyCommandsAreSkipped() {
        assertThat(decode("\r\n*0\r\n*-1\r\n\n  \r\nPING\r\n")).containsExactly("[PING]");
    }

    @Test
    void anEmptyArgumentIsAnArgument() {
        assertThat(decode("*2\r\n$4\r\nECHO\r\n$0\r\n\r\n")).containsExactly("[ECHO, ]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*a | invalid multibulk length",
                "* | invalid multibulk length",
                "*+1 | invalid multibulk length",
                "*01 | invalid multibulk length",
                "*1048577 | invalid multibulk length",
                "*99999999999999999999 | invalid multibulk length",
                "*1~$a | invalid bulk length",
                "*1~$-1 | invalid bulk length",
                "*1~$100001 | invalid bulk length",
                "*1~$99999999999999999999 | invalid bulk length",
                "*1~:5 | expected '$', got ':'",
                "*1~PING | expected '$', got 'P'",
                "SET k \"a | unbalanced quotes in request",
                "SET k 'a'b | unbalanced quotes in request"
            })
    void whatIsNoCommandIsAnError(String text, String problem) {
        assertThat(decode(text.replace("~", CRLF) + CRLF)).containsExactly("Protocol error: " + problem);
    }

    @ParameterizedTest
    @CsvSource({"*,too big mbulk count string", "x,too big inline request"})
    void aLineHasALimit(String first, String problem) {
        assertThat(decode(first + "1".repeat(RespDecoder.MAX_LINE_BYTES)))
                .containsExactly("Protocol error: " + problem);
    }

    @Test
    void theLineOfALengthHasALimit() {
        assertThat(decode("*1\r\n$" + "1".repeat(RespDecoder.MAX_LINE_BYTES)))
                .containsExactly("Protocol error: too big bulk count string");
    }

    @Test
    void whatIsAnnouncedTakesNoMemory() throws RespProtocolException {
        for (String announced : List.of("*1048576\r\n", "*2\r\n$3\r\nSET\r\n$100000\r\n", "*2\r\n$100000\r\nx")) {
            RespDecoder decoder = decoder();
            ByteBuf in = bytes(announced);

            assertThat(decoder.decode(in)).isNull();

            assertThat(budget.used()).isLessThan(10_000);
            decoder.close();
            assertThat(budget.used()).isZero();
        }
    }

    @Nested
    class WithLittleMemory {

        private final ByteBudget small = new ByteBudget(20_000);

        @Test
        void aCommandThatDoesNotFitIsDroppedAndTheNextIsRead() throws RespProtocolException {
            small.tryAcquire(15_000);
            RespDecoder decoder = new RespDecoder(MAX_BULK, small);
            ByteBuf in = Unpooled.buffer();
            in.writeCharSequence("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$50000\r\n", ISO_8859_1);
            in.writeZero(20_000);

            assertThat(decoder.decode(in)).isNull();
            in.writeZero(30_000);
            in.writeCharSequence("\r\n*1\r\n$4\r\nPING\r\n", ISO_8859_1);

            assertThat(decoder.decode(in)).isDeepEqualTo(new byte[][] {"SET".getBytes(ISO_8859_1)});
            assertThat(decoder.isDropped()).isTrue();
            assertThat(small.used()).isEqualTo(15_000);
            assertThat(decoder.decode(in)).isDeepEqualTo(new byte[][] {"PING".getBytes(ISO_8859_1)});
            assertThat(decoder.isDropped()).isFalse();
        }

        @Test
        void aCommandThatIsAloneMayTakeMore() throws RespProtocolException {
            RespDecoder decoder = new RespDecoder(MAX_BULK, small);
            ByteBuf in = Unpooled.buffer();
            in.writeCharSequence("*2\r\n$4\r\nECHO\r\n$50000\r\n", ISO_8859_1);
            in.writeZero(30_000);
            assertThat(decoder.decode(in)).isNull();
            in.writeZero(20_000);
            in.writeCharSequence(CRLF, ISO_8859_1);

            assertThat(decoder.decode(in)).hasNumberOfRows(2);
            assertThat(small.used()).isGreaterThan(30_000);
            ByteBudget.Hold hold = Objects.requireNonNull(decoder.takeHold());
            hold.release();
            assertThat(small.used()).isZero();
            assertThat(decoder.takeHold()).isNull();
        }
    }

    @Nested
    class InPieces {

        private static final List<String> TRANSCRIPT = List.of(
                "*3\r\n$3\r\nSET\r\n$5\r\nkey:1\r\n$12\r\nvalue\r\n\0\"'\\x\r\n",
                "GET key:1\r\n",
                "SET a \"x\\x41\\n\" 'it\\'s'\n",
                "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n",
                "\r\n",
                "*0\r\n",
                "*2\r\n$4\r\nMGET\r\n$9000\r\n" + "v".repeat(9000) + "\r\n",
                "*1\r\n$4\r\nPING\r\n",
                "*4\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n$2\r\nNX\r\n");

        private final String whole = String.join("", TRANSCRIPT);

        @ParameterizedTest
        @ValueSource(ints = {1, 2, 3, 7, 100})
        void theyAreTheSameCommands(int size) {
            int[] cuts = IntStream.iterate(size, cut -> cut < whole.length(), cut -> cut + size)
                    .toArray();

            assertThat(decode(whole, cuts)).isEqualTo(decode(whole)).hasSize(7);
        }

        /// Whatever arrives, how it is cut changes nothing: a decoder that is out of step would tell.
        @Test
        void mutationsAreDecodedAlikeWhole() {
            long seed = Long.getLong("fuzz.seed", new Random().nextLong());
            Random random = new Random(seed);
            for (int i = 0; i < 3_000; i++) {
                String mutated = Mutations.of(whole, random);
                int[] cuts = random.ints(random.nextInt(20), 0, mutated.length() + 1)
                        .sorted()
                        .toArray();

                assertThat(decode(mutated, cuts))
                        .as("fuzz.seed=%d, round %d", seed, i)
                        .isEqualTo(decode(mutated));
                assertThat(budget.used()).isZero();
            }
        }
    }

    @Test
    void theErrorNamesTheByteEvenIfItEndsALine() {
        RespDecoder decoder = decoder();

        assertThatThrownBy(() -> decoder.decode(bytes("*1\r\n\r\n$4")))
                .isInstanceOf(RespProtocolException.class)
                .hasMessage("Protocol error: expected '$', got '\r'");
    }
}
