package io.caskade.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.client.Bytes;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {

    private static List<Bytes> split(String line) throws UsageException {
        return Tokenizer.split(line.getBytes(UTF_8));
    }

    @Test
    void spacesSeparateWords() throws UsageException {
        assertThat(split("  set\ta  b \r\n")).containsExactly(Bytes.utf8("set"), Bytes.utf8("a"), Bytes.utf8("b"));
    }

    @Test
    void aBlankLineHasNoWords() throws UsageException {
        assertThat(split(" \t ")).isEmpty();
    }

    @Test
    void doubleQuotesAllowSpacesAndEscapes() throws UsageException {
        assertThat(split("\"a b\\n\\t\\r\\\"\\\\\\x00\\xfF\""))
                .containsExactly(Bytes.of(
                        (byte) 'a',
                        (byte) ' ',
                        (byte) 'b',
                        (byte) '\n',
                        (byte) '\t',
                        (byte) '\r',
                        (byte) '"',
                        (byte) '\\',
                        (byte) 0,
                        (byte) 0xff));
    }

    @Test
    void singleQuotesAreLiteral() throws UsageException {
        assertThat(split("'a \"b\" \\x00'")).containsExactly(Bytes.utf8("a \"b\" \\x00"));
    }

    @Test
    void quotesInsideAWordAreLiteral() throws UsageException {
        assertThat(split("{\"a\":1} it's C:\\new"))
                .containsExactly(Bytes.utf8("{\"a\":1}"), Bytes.utf8("it's"), Bytes.utf8("C:\\new"));
    }

    @Test
    void emptyQuotesAreAnEmptyWord() throws UsageException {
        assertThat(split("\"\" ''")).containsExactly(Bytes.EMPTY, Bytes.EMPTY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"a", "'a", "\"a\\", "\"a\"b", "'a'b", "\"\\q\"", "\"\\x0\"", "\"\\xg0\"", "\"\\x"})
    void aMalformedQuoteIsRefused(String line) {
        assertThatThrownBy(() -> split(line)).isInstanceOf(UsageException.class);
    }

    @Test
    void formattedBytesCanBeTypedBack() throws UsageException {
        Random random = new Random(20_261_121);
        for (int round = 0; round < 5_000; round++) {
            byte[] bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);
            if (round % 2 == 0) {
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) " \"'\\#ax\u00e4".charAt(random.nextInt(8));
                }
            }
            Bytes value = Bytes.of(bytes);
            assertThat(split("set k " + BytesFormat.word(value)))
                    .as(BytesFormat.word(value))
                    .hasSize(3)
                    .last()
                    .isEqualTo(value);
        }
    }
}
