package io.caskade.server.listener.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What requests consist of.
class ParsingTest {

    private static void assertRefused(ThrowingCallable parsed, int status, String... parts) {
        assertThatThrownBy(parsed).isInstanceOfSatisfying(HttpFailure.class, failure -> {
            assertThat(failure.response().status().code()).isEqualTo(status);
            assertThat(new String(failure.response().body(), UTF_8)).contains(parts);
        });
    }

    private static HttpHeaders headers(String name, String value) {
        return new DefaultHttpHeaders().add(name, value);
    }

    @Nested
    class Durations {

        @ParameterizedTest
        @CsvSource({
            "300ms, 300",
            "5s, 5000",
            "1.5h, 5400000",
            "1h30m, 5400000",
            "1h0m0.001s, 3600001",
            ".5s, 500",
            "1.s, 1000",
            "90m, 5400000",
            "1us, 1",
            "1µs, 1",
            "1500000ns, 2",
            "1ms1ms, 2",
            "2562047788015h, 9223372036854000000"
        })
        void aDurationOfGoIsRead(String text, long millis) {
            assertThat(GoDuration.parseTtl(text)).isEqualTo(millis);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "", "5", "s", "5 s", " 5s", "5s ", "-5s", "+5s", "5S", "5sec", "1h30", ".s", "1..5s", "1e3s", "5d",
                    "٥s", "0x5s"
                })
        void whatIsNoneIsRefused(String text) {
            assertRefused(() -> GoDuration.parseTtl(text), 400, "invalid TTL format: \\\"" + text, "300ms, 5s, 1.5h");
        }

        @ParameterizedTest
        @ValueSource(strings = {"0s", "0.0h", "2562047788016h"})
        void whatIsNotPositiveOrTooLongIsRefused(String text) {
            assertRefused(() -> GoDuration.parseTtl(text), 400, "invalid TTL: \\\"" + text);
        }

        @Test
        void aLongTextIsRefusedShortened() {
            assertRefused(() -> GoDuration.parseTtl("1".repeat(1_000_000) + "s"), 400, "1…");
        }

        @ParameterizedTest
        @CsvSource({
            "0, 0s",
            "1, 1ms",
            "300, 300ms",
            "5000, 5s",
            "1500, 1.5s",
            "60000, 1m0s",
            "90250, 1m30.25s",
            "3600000, 1h0m0s",
            "360000001, 100h0m0.001s"
        })
        void aTimeIsShownAsGoShowsIt(long millis, String text) {
            assertThat(GoDuration.format(millis)).isEqualTo(text);
            if (millis > 0) {
                assertThat(GoDuration.parseTtl(text)).isEqualTo(millis);
            }
        }
    }

    @Nested
    class Targets {

        @Test
        void aPathIsLeftAsItIsAndDecodedOnce() {
            RequestTarget target = RequestTarget.parse("/v1/kv/a//../%252F+?x=%2B+%25&flag&=empty");

            assertThat(target.path()).isEqualTo("/v1/kv/a//../%252F+");
            assertThat(RequestTarget.decode(target.path().substring(7))).isEqualTo("a//../%2F+".getBytes(UTF_8));
            assertThat(target.parameter("x")).isEqualTo("+ %");
            assertThat(target.parameter("flag")).isEmpty();
            assertThat(target.parameter("")).isEqualTo("empty");
            assertThat(target.parameter("none")).isNull();
        }

        @Test
        void everyByteCanBeEncoded() {
            StringBuilder encoded = new StringBuilder();
            byte[] bytes = new byte[256];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) i;
                encoded.append(String.format(Locale.ROOT, "%%%02x", i));
            }

            assertThat(RequestTarget.decode(encoded.toString())).isEqualTo(bytes);
            assertThat(RequestTarget.decode("\u00ff")).isEqualTo("\u00ff".getBytes(ISO_8859_1));
        }

        @ParameterizedTest
        @CsvSource({
            "http://host/a?b, /a",
            "HTTPS://host:1/, /",
            "http://host, /",
            "http://host?b, /",
            "/a://b, /a://b",
            "/?://b, /"
        })
        void theAuthorityOfAnAbsoluteTargetIsIgnored(String target, String path) {
            assertThat(RequestTarget.parse(target).path()).isEqualTo(path);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"", "*", "a", "ftp://host/a", "?a", "/a?%", "/a?b=%f", "/a?b=%-1", "/a?b=1&b=2", "/a?%FF=1"})
        void aMalformedTargetIsRefused(String target) {
            assertRefused(() -> RequestTarget.parse(target), 400, "INVALID_ARGUMENT");
        }

        @Test
        void anUnknownParameterIsRefusedByName() {
            RequestTarget target = RequestTarget.parse("/a?limit=1&lmit=2");

            assertRefused(() -> target.requireOnly(Set.of("limit", "cursor")), 400, "lmit", "cursor, limit");
        }
    }

    @Nested
    class Tags {

        @Test
        void aListIsComparedWeaklyOrStrongly() {
            EntityTags tags = Objects.requireNonNull(
                    EntityTags.in(headers("If-Match", "\"7\" , W/\"8\",\"x\",\"\""), "if-match"));

            assertThat(tags.matchesStrongly(7)).isTrue();
            assertThat(tags.matchesStrongly(8)).isFalse();
            assertThat(tags.matches(8)).isTrue();
            assertThat(tags.matches(9)).isFalse();
            assertThat(EntityTags.of(7)).isEqualTo("\"7\"");
        }

        @Test
        void anAsteriskMatchesEveryVersion() {
            EntityTags tags = Objects.requireNonNull(EntityTags.in(headers("If-Match", "*"), "if-match"));

            assertThat(tags.matchesStrongly(1)).isTrue();
            assertThat(tags.matches(1)).isTrue();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "7", "\"7", "7\"", "*, \"7\"", "\"7\" \"8\"", "w/\"7\"", "\"7\";"})
        void whatIsNoListIsRefused(String text) {
            assertRefused(() -> EntityTags.in(headers("If-Match", text), "if-match"), 400, "if-match: expected");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"\"0\"", "\"07\"", "\"-7\"", "\"9223372036854775808\"", "\"99999999999999999999\"", "W/\"7\""
                })
        void aTagThatIsNoVersionMatchesNothing(String text) {
            assertRefused(
                    () -> WriteCondition.ofPut(headers("If-Match", text)), 412, "CONDITION_FAILED", "nothing was done");
        }
    }

    @Nested
    class MediaTypes {

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "*/* | JSON",
                    "application/json | JSON",
                    "application/octet-stream | BYTES",
                    "Application/Octet-Stream ; q=1.0 | BYTES",
                    "application/octet-stream, */* | BYTES",
                    "application/octet-stream;q=0.5, application/json;q=0.4 | BYTES",
                    "application/octet-stream;q=0.5, */* | JSON",
                    "application/json;q=0, */* | BYTES",
                    "application/* | JSON",
                    "text/html, */*;q=0.1 | JSON",
                })
        void theOneThatIsPreferredIsSent(String accept, Acceptance expected) {
            assertThat(Acceptance.of(headers("Accept", accept))).isEqualTo(expected);
        }

        @ParameterizedTest
        @ValueSource(strings = {"text/html", "*/*;q=0", "application/json;q=0"})
        void whatCannotBeSentIsRefused(String accept) {
            assertRefused(() -> Acceptance.of(headers("Accept", accept)), 406, "NOT_ACCEPTABLE");
        }

        @Test
        void aQualityIsANumber() {
            assertRefused(() -> Acceptance.of(headers("Accept", "*/*;q=high")), 400, "quality");
        }
    }

    @Nested
    class Bodies {

        private static PutBody parse(String json) {
            return PutBody.parse(json.getBytes(UTF_8));
        }

        @Test
        void theFieldsMayComeInAnyOrder() {
            PutBody body = parse(" {\"ttl\":\"5s\",\"encoding\":\"base64\",\"value\":\"/wA=\"} ");

            assertThat(body.value()).containsExactly(0xff, 0);
            assertThat(body.ttl()).isEqualTo("5s");
            assertThat(new String(parse("{\"value\":\"\\ud83d\\ude00\\u0000\"}").value(), UTF_8))
                    .isEqualTo("😀\0");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "'' | expected a JSON object",
                    "[] | expected a JSON object",
                    "\"x\" | expected a JSON object",
                    "{} | field value is missing",
                    "{\"value\":5} | field value is a string",
                    "{\"value\":null} | field value is a string",
                    "{\"value\":\"x\",\"ttl\":5} | field ttl is a string",
                    "{\"value\":\"x\",\"tll\":\"5s\"} | unknown field \\\"tll\\\"",
                    "{\"value\":\"x\",\"value\":\"y\"} | malformed JSON",
                    "{\"value\":\"x\"}{} | follows the JSON object",
                    "{\"value\":\"x\" | malformed JSON",
                    "{'value':'x'} | malformed JSON",
                    "{\"value\":\"x\",\"encoding\":\"hex\"} | utf-8 or base64",
                    "{\"value\":\"x\",\"encoding\":\"base64\"} | not base64",
                    "{\"value\":\"\\ud800\"} | surrogate",
                    "{\"value\":{\"value\":{\"value\":{}}}} | field value is a string",
                })
        void whatIsWrongIsSaid(String json, String message) {
            assertRefused(() -> parse(json), 400, message);
        }

        @Test
        void textThatIsNotUtf8IsRefused() {
            assertRefused(() -> PutBody.parse("{\"value\":\"\u00ff\"}".getBytes(ISO_8859_1)), 400, "malformed JSON");
        }
    }

    @Test
    void theDateIsThatOfHttp() {
        assertThat(new HttpDate(() -> Instant.parse("1994-11-06T08:49:37.9Z")).now())
                .isEqualTo("Sun, 06 Nov 1994 08:49:37 GMT");
    }

    @Nested
    class Cursors {

        @Test
        void aCursorIsReadAsItWasWritten() {
            Cursor cursor = new Cursor(3, Long.MIN_VALUE + 5);

            assertThat(Cursor.parse(cursor.text(), 4)).isEqualTo(cursor);
            assertThat(cursor.text()).matches("[A-Za-z0-9_-]+");
            assertRefused(() -> Cursor.parse(cursor.text(), 3), 400, "cursor");
            assertRefused(() -> Cursor.parse(cursor.text() + "A", 4), 400, "cursor");
            assertRefused(() -> Cursor.parse("", 4), 400, "cursor");
        }
    }
}
