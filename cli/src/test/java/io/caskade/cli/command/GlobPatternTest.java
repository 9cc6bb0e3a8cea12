package io.caskade.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.client.Bytes;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The patterns of keys, as Redis has them.
class GlobPatternTest {

    private static GlobPattern pattern(String text) {
        return new GlobPattern(Bytes.utf8(text));
    }

    @ParameterizedTest
    @CsvSource({
        "*, anything",
        "hello, hello",
        "h?llo, hallo",
        "h*llo, hllo",
        "h*llo, heeello",
        "*a*b*, xxayybzz",
        "**, x",
        "h[ae]llo, hello",
        "h[^e]llo, hallo",
        "h[a-c]llo, hbllo",
        "h[c-a]llo, hbllo",
        "h[a-cx]llo, hxllo",
        "a\\*b, a*b",
        "a\\\\b, a\\b",
        "[\\]]x, ]x",
        "[a-]x, -x",
        "*:1, user:1:1"
    })
    void aKeyMatches(String pattern, String key) {
        assertThat(pattern(pattern).matches(Bytes.utf8(key))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "hello, hello!",
        "hello, hell",
        "h?llo, hllo",
        "h[ae]llo, hillo",
        "h[^e]llo, hello",
        "h[a-c]llo, hdllo",
        "a\\*b, axb",
        "*ab, abc",
        "?, ''",
        "'', a"
    })
    void aKeyDoesNotMatch(String pattern, String key) {
        assertThat(pattern(pattern).matches(Bytes.utf8(key))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"user:*, user:", "*, ''", "a\\*b*, a*b", "h[ae]llo, h", "hello, hello", "a?, a"})
    void thePrefixIsWhatEveryMatchBeginsWith(String pattern, String prefix) {
        assertThat(pattern(pattern).prefix()).isEqualTo(Bytes.utf8(prefix));
    }
}
