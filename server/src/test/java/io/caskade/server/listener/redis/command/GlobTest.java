package io.caskade.server.listener.redis.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Patterns match as in Redis.
class GlobTest {

    private static boolean matches(String pattern, String text) {
        return new Glob(pattern.getBytes(ISO_8859_1), false).matches(text.getBytes(ISO_8859_1));
    }

    @ParameterizedTest
    @CsvSource({
        "*, abc",
        "a*, abc",
        "*c, abc",
        "a*c, abc",
        "a**c, ac",
        "a?c, abc",
        "h[ae]llo, hello",
        "h[^e]llo, hallo",
        "h[a-b]llo, hbllo",
        "h[b-a]llo, hallo",
        "h\\*o, h*o",
        "[\\]], ]",
        "abc, abc",
        "*a*b*, xaxbx",
        "[abc, c"
    })
    void itMatches(String pattern, String text) {
        assertThat(matches(pattern, text)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"a, ab", "ab, a", "a?c, ac", "h[^e]llo, hello", "h[a-b]llo, hello", "h\\*o, hxo", "A, a", "*a, ab"})
    void itDoesNotMatch(String pattern, String text) {
        assertThat(matches(pattern, text)).isFalse();
    }

    @Test
    void caseIsIgnoredOnDemand() {
        assertThat(new Glob("MAX*".getBytes(ISO_8859_1), true).matches("maxmemory".getBytes(ISO_8859_1)))
                .isTrue();
    }

    @Test
    void whatAllMatchesBeginWithIsKnown() {
        assertThat(new Glob("user:*".getBytes(ISO_8859_1), false).prefix())
                .asString(ISO_8859_1)
                .isEqualTo("user:");
        assertThat(new Glob("a\\*".getBytes(ISO_8859_1), false).prefix())
                .asString(ISO_8859_1)
                .isEqualTo("a");
    }

    @Test
    void tooManyStarsMatchNothing() {
        String text = "a".repeat(2000);

        assertThat(matches("*?".repeat(1000), text)).isTrue();
        assertThat(matches("*?".repeat(1000) + "*", text)).isTrue();
        assertThat(matches("**?".repeat(1000), text)).isTrue();
        assertThat(matches("*?".repeat(1001), text)).isFalse();
    }

    @Test
    void manyStarsDoNotTakeForever() {
        assertThatCode(() -> Assertions.assertTimeoutPreemptively(
                        Duration.ofSeconds(10), () -> matches("a*".repeat(50) + "b", "a".repeat(1000))))
                .doesNotThrowAnyException();
    }
}
