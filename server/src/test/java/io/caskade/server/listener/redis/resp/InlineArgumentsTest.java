package io.caskade.server.listener.redis.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Lines are split as Redis splits them.
class InlineArgumentsTest {

    private static List<String> split(String line) {
        byte[][] arguments = InlineArguments.split(line.getBytes(ISO_8859_1));
        assertThat(arguments).isNotNull();
        return Arrays.stream(arguments)
                .map(argument -> new String(argument, ISO_8859_1))
                .toList();
    }

    @Test
    void spacesSeparate() {
        assertThat(split(" \t set  k\tv ")).containsExactly("set", "k", "v");
        assertThat(split("")).isEmpty();
    }

    @Test
    void doubleQuotesKnowEscapes() {
        assertThat(split("\"a b\" \"\\x41\\xff\\n\\r\\t\\b\\a\\\"\\\\\\q\" \"\\xg0\""))
                .containsExactly("a b", "A\u00ff\n\r\t\b\u0007\"\\q", "xg0");
    }

    @Test
    void singleQuotesKnowOnlyThemselves() {
        assertThat(split("'a \\x41' 'it\\'s' ''")).containsExactly("a \\x41", "it's", "");
    }

    @Test
    void quotesMayEndAWord() {
        assertThat(split("foo\"bar\" x")).containsExactly("foobar", "x");
    }

    @Test
    void aZeroByteEndsTheLine() {
        assertThat(split("a b\0c d")).containsExactly("a", "b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"a", "'a", "\"a\"b", "'a'b", "\"a\\", "a \"", "\"a\0\""})
    void quotesMustBeBalanced(String line) {
        assertThat(InlineArguments.split(line.getBytes(ISO_8859_1))).isNull();
    }
}
