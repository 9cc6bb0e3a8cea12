package io.caskade.server.listener.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The records of a running node over HTTP, as Java's client sees them.
class HttpListenerTest {

    @TempDir
    private static Path directory;

    private static HttpNode node;
    private static HttpClient http1;

    @BeforeAll
    static void start() throws Exception {
        node = HttpNode.start(directory, Map.of());
        http1 = client(Version.HTTP_1_1);
    }

    @AfterAll
    static void stop() {
        http1.close();
        node.close();
    }

    private static HttpClient client(Version version) {
        return HttpClient.newBuilder()
                .version(version)
                .connectTimeout(Duration.ofSeconds(20))
                .build();
    }

    private static HttpRequest.Builder request(String target) {
        return HttpRequest.newBuilder(node.uri(target)).timeout(Duration.ofSeconds(30));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http1.send(request.build(), BodyHandlers.ofString(UTF_8));
    }

    private static HttpRequest.Builder putJson(String target, String json) {
        return request(target).header("Content-Type", "application/json").PUT(BodyPublishers.ofString(json));
    }

    private static HttpRequest.Builder putBytes(String target, byte[] bytes) {
        return request(target)
                .header("Content-Type", "application/octet-stream")
                .PUT(BodyPublishers.ofByteArray(bytes));
    }

    private static String version(HttpResponse<?> response) {
        return response.headers().firstValue("etag").orElseThrow();
    }

    @ParameterizedTest
    @EnumSource
    void aRecordIsWrittenReadAndRemoved(Version version) throws Exception {
        try (HttpClient client = client(version)) {
            for (int i = 0; i < 2; i++) {
                HttpResponse<String> written = client.send(
                        putJson("/v1/kv/hello", "{\"value\":\"wörld\"}").build(), BodyHandlers.ofString());
                assertThat(written.statusCode()).isEqualTo(200);

                HttpResponse<String> found = client.send(request("/v1/kv/hello").build(), BodyHandlers.ofString(UTF_8));
                assertThat(found.statusCode()).isEqualTo(200);
                String number = version(found).replace("\"", "");
                assertThat(found.body())
                        .isEqualTo(
                                "{\"key\":\"hello\",\"value\":\"wörld\",\"version\":\"" + number + "\",\"ttl\":null}");
                assertThat(written.body()).isEqualTo("{\"key\":\"hello\",\"version\":\"" + number + "\"}");
                assertThat(found.headers().firstValue("content-type")).contains("application/json");
                assertThat(found.version()).isEqualTo(version == Version.HTTP_2 ? Version.HTTP_2 : Version.HTTP_1_1);

                assertThat(client.send(request("/v1/kv/hello").DELETE().build(), BodyHandlers.discarding())
                                .statusCode())
                        .isEqualTo(204);
                HttpResponse<String> gone = client.send(request("/v1/kv/hello").build(), BodyHandlers.ofString(UTF_8));
                assertThat(gone.statusCode()).isEqualTo(404);
                assertThat(gone.body())
                        .isEqualTo(
                                "{\"error\":{\"code\":\"NOT_FOUND\",\"message\":\"there is no record of this key\"}}");
            }
        }
    }

    @Test
    void aLargeFirstBodyIsAnsweredByHttp1() throws Exception {
        try (HttpClient client = client(Version.HTTP_2)) {
            HttpResponse<Void> written =
                    client.send(putBytes("/v1/kv/large-first", new byte[50_000]).build(), BodyHandlers.discarding());

            assertThat(written.statusCode()).isEqualTo(200);
            assertThat(written.version()).isEqualTo(Version.HTTP_1_1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void bytesThatAreNoTextAreReadAsTheyWereWritten(Version version) throws Exception {
        byte[] value = {0, (byte) 0xff, 13, 10, (byte) 0x80};
        try (HttpClient client = client(version)) {
            assertThat(client.send(putBytes("/v1/kv/%FF%00", value).build(), BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(200);

            HttpResponse<byte[]> raw = client.send(
                    request("/v1/kv/%ff%00")
                            .header("Accept", "application/octet-stream")
                            .build(),
                    BodyHandlers.ofByteArray());
            assertThat(raw.body()).isEqualTo(value);
            assertThat(raw.headers().firstValue("content-type")).contains("application/octet-stream");
            HttpResponse<String> json = client.send(request("/v1/kv/%FF%00").build(), BodyHandlers.ofString());
            assertThat(json.body())
                    .startsWith("{\"key\":\"/wA=\",\"keyEncoding\":\"base64\",\"value\":\"AP8NCoA=\","
                            + "\"encoding\":\"base64\",\"version\":");
        }
    }

    @Test
    void valuesInBase64AreDecoded() throws Exception {
        send(putJson("/v1/kv/base64", "{\"encoding\":\"base64\",\"value\":\"AAEC/w==\"}"));

        HttpResponse<byte[]> raw = http1.send(
                request("/v1/kv/base64")
                        .header("Accept", "application/octet-stream")
                        .build(),
                BodyHandlers.ofByteArray());
        assertThat(raw.body()).containsExactly(0, 1, 2, 0xff);
    }

    @Test
    void aValueOfTheLargestSizeIsTakenAndOneByteMoreIsNot() throws Exception {
        byte[] largest = new byte[HttpNode.MAX_VALUE_BYTES];
        assertThat(send(putBytes("/v1/kv/largest", largest)).statusCode()).isEqualTo(200);
        HttpResponse<byte[]> read = http1.send(
                request("/v1/kv/largest")
                        .header("Accept", "application/octet-stream")
                        .build(),
                BodyHandlers.ofByteArray());
        assertThat(read.body()).isEqualTo(largest);

        HttpResponse<String> refused = send(putBytes("/v1/kv/largest", new byte[HttpNode.MAX_VALUE_BYTES + 1]));
        assertThat(refused.statusCode()).isEqualTo(413);
        assertThat(refused.body())
                .contains("\"VALUE_TOO_LARGE\"", "the value is longer than storage.max-value-size, 65536 bytes");
        HttpResponse<String> json =
                send(putJson("/v1/kv/largest", "{\"value\":\"" + "x".repeat(HttpNode.MAX_VALUE_BYTES + 1) + "\"}"));
        assertThat(json.statusCode()).isEqualTo(413);
        HttpResponse<String> longJson =
                send(putJson("/v1/kv/largest", "{\"value\":\"" + "\\u0000".repeat(40_000) + "\"}"));
        assertThat(longJson.statusCode()).isEqualTo(413);
        assertThat(longJson.body()).contains("send the value alone, as application/octet-stream");
    }

    @Test
    void aTimeToLiveIsShownAndEnds() throws Exception {
        send(putJson("/v1/kv/short", "{\"value\":\"1\",\"ttl\":\"1h30m\"}"));
        assertThat(send(request("/v1/kv/short")).body()).contains("\"ttl\":\"1h");

        send(putBytes("/v1/kv/short?ttl=1ms", new byte[] {1}));
        await().until(() -> send(request("/v1/kv/short")).statusCode() == 404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"5x", "", "-5s", "1", "5 s", "0s", "99999999999999999999h"})
    void aTimeToLiveThatIsNoneIsRefused(String ttl) throws Exception {
        HttpResponse<String> response = send(putJson("/v1/kv/ttl", "{\"value\":\"1\",\"ttl\":\"" + ttl + "\"}"));

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("INVALID_ARGUMENT", "invalid TTL");
    }

    @Test
    void ifMatchAndIfNoneMatchDecideWrites() throws Exception {
        send(request("/v1/kv/cas").DELETE());
        assertThat(send(putJson("/v1/kv/cas", "{\"value\":\"0\"}").header("If-Match", "*"))
                        .statusCode())
                .isEqualTo(412);
        HttpResponse<String> first =
                send(putJson("/v1/kv/cas", "{\"value\":\"1\"}").header("If-None-Match", "*"));
        assertThat(first.statusCode()).isEqualTo(200);
        HttpResponse<String> again =
                send(putJson("/v1/kv/cas", "{\"value\":\"2\"}").header("If-None-Match", "*"));
        assertThat(again.statusCode()).isEqualTo(412);
        assertThat(again.body()).contains("CONDITION_FAILED", "there is a record already; nothing was done");

        HttpResponse<String> second =
                send(putJson("/v1/kv/cas", "{\"value\":\"2\"}").header("If-Match", version(first)));
        assertThat(second.statusCode()).isEqualTo(200);
        assertThat(send(putJson("/v1/kv/cas", "{\"value\":\"3\"}").header("If-Match", version(first)))
                        .statusCode())
                .isEqualTo(412);
        assertThat(send(request("/v1/kv/cas").header("If-Match", version(first)).DELETE())
                        .statusCode())
                .isEqualTo(412);
        assertThat(send(request("/v1/kv/cas")
                                .header("If-Match", version(second))
                                .DELETE())
                        .statusCode())
                .isEqualTo(204);
        assertThat(send(request("/v1/kv/cas")
                                .header("If-Match", version(second))
                                .DELETE())
                        .statusCode())
                .isEqualTo(412);
        assertThat(send(request("/v1/kv/cas").DELETE()).statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "PUT, If-None-Match, '\"12\"'",
        "DELETE, If-None-Match, *",
        "POST, If-Match, *",
        "PUT, If-Match, '\"1\", \"2\"'",
        "PUT, If-Match, 12",
        "PUT, If-Match, ''"
    })
    void aConditionThatCannotBeKeptIsRefused(String method, String header, String tags) throws Exception {
        HttpRequest.Builder conditional = request(method.equals("POST") ? "/v1/kv/odd?op=incr" : "/v1/kv/odd")
                .header("Content-Type", "application/json")
                .header(header, tags)
                .method(
                        method,
                        method.equals("PUT") ? BodyPublishers.ofString("{\"value\":\"1\"}") : BodyPublishers.noBody());

        assertThat(send(conditional).statusCode()).isEqualTo(400);
        assertThat(send(request("/v1/kv/odd")).statusCode()).isEqualTo(404);
    }

    @Test
    void aReaderThatHasTheVersionGetsNoBody() throws Exception {
        HttpResponse<String> written = send(putJson("/v1/kv/cached", "{\"value\":\"1\"}"));

        HttpResponse<String> unchanged =
                send(request("/v1/kv/cached").header("If-None-Match", "\"1000\", W/" + version(written)));

        assertThat(unchanged.statusCode()).isEqualTo(304);
        assertThat(unchanged.body()).isEmpty();
        assertThat(version(unchanged)).isEqualTo(version(written));
        assertThat(send(request("/v1/kv/cached").header("If-None-Match", "\"1000\""))
                        .statusCode())
                .isEqualTo(200);
        assertThat(send(request("/v1/kv/cached").header("If-Match", "\"1000\"")).statusCode())
                .isEqualTo(412);
    }

    @Test
    void headSaysWhatGetWould() throws Exception {
        send(putJson("/v1/kv/head", "{\"value\":\"12345\"}"));
        HttpResponse<String> get = send(request("/v1/kv/head"));

        HttpResponse<String> head = send(request("/v1/kv/head").method("HEAD", BodyPublishers.noBody()));

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(version(head)).isEqualTo(version(get));
        assertThat(head.headers().firstValueAsLong("content-length"))
                .hasValue(get.body().length());
        assertThat(send(request("/v1/kv/none").method("HEAD", BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void countersAreIncremented() throws Exception {
        send(request("/v1/kv/visits/incr").DELETE());

        HttpRequest.Builder increment = request("/v1/kv/visits/incr?op=incr").POST(BodyPublishers.noBody());
        assertThat(send(increment).body()).contains("{\"key\":\"visits/incr\",\"value\":\"1\",\"version\":");
        HttpResponse<String> less =
                send(request("/v1/kv/visits/incr?by=-43&op=incr").POST(BodyPublishers.noBody()));
        assertThat(less.body()).contains("\"value\":\"-42\"");
        assertThat(version(less)).isEqualTo(version(send(request("/v1/kv/visits/incr"))));

        send(putJson("/v1/kv/text", "{\"value\":\"one\"}"));
        HttpResponse<String> refused = send(request("/v1/kv/text?op=incr").POST(BodyPublishers.noBody()));
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body()).contains("WRONG_VALUE");
        for (String query :
                List.of("", "?op=decr", "?op=incr&by=1.5", "?op=incr&by=", "?op=incr&by=9223372036854775808")) {
            assertThat(send(request("/v1/kv/visits/incr" + query).POST(BodyPublishers.noBody()))
                            .statusCode())
                    .as(query)
                    .isEqualTo(400);
        }
    }

    @Test
    void aListingShowsEachRecordOnceOverAllPages() throws Exception {
        Set<String> written =
                IntStream.range(0, 250).mapToObj(i -> "list/" + i).collect(Collectors.toCollection(HashSet::new));
        for (String key : written) {
            send(putJson("/v1/kv/" + key, "{\"value\":\"v\"}"));
        }
        send(putJson("/v1/kv/other", "{\"value\":\"v\"}"));

        List<String> listed = new ArrayList<>();
        String cursor = "";
        do {
            HttpResponse<String> page = send(request("/v1/kv?prefix=list%2F&limit=60&keys-only=true" + cursor));
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.body()).doesNotContain("\"value\"");
            Matcher keys = Pattern.compile("\"key\":\"([^\"]*)\",\"version\":\"\\d+\",\"ttl\":null")
                    .matcher(page.body());
            int before = listed.size();
            keys.results().forEach(key -> listed.add(key.group(1)));
            assertThat(listed.size() - before).isLessThanOrEqualTo(60);
            Matcher next = Pattern.compile("\"cursor\":\"([^\"]+)\"").matcher(page.body());
            cursor = next.find() ? "&cursor=" + next.group(1) : null;
        } while (cursor != null);

        assertThat(listed).containsExactlyInAnyOrderElementsOf(written);
        assertThat(send(request("/v1/kv?limit=10000&prefix=list/17")).body())
                .contains("\"key\":\"list/17\",\"value\":\"v\"", "\"key\":\"list/170\"", "\"cursor\":null");
    }

    @Test
    void pagesOfLargeValuesEndBeforeTheirLimit() throws Exception {
        int keys = 40;
        for (int i = 0; i < keys; i++) {
            send(putBytes("/v1/kv/big/" + i, "x".repeat(60_000).getBytes(UTF_8)));
        }

        Set<String> listed = new HashSet<>();
        int pages = 0;
        String cursor = "";
        do {
            String page =
                    send(request("/v1/kv?prefix=big/&limit=10000" + cursor)).body();
            assertThat(page.length()).isLessThan(5 << 20);
            Pattern.compile("\"key\":\"(big/\\d+)\"")
                    .matcher(page)
                    .results()
                    .forEach(key -> assertThat(listed.add(key.group(1))).isTrue());
            pages++;
            Matcher next = Pattern.compile("\"cursor\":\"([^\"]+)\"").matcher(page);
            cursor = next.find() ? "&cursor=" + next.group(1) : null;
        } while (cursor != null);

        assertThat(listed).hasSize(keys);
        assertThat(pages).isGreaterThan(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "limit=0",
                "limit=10001",
                "limit=x",
                "limit=",
                "cursor=x",
                "cursor=AAAA",
                "cursor=AQAAAAkAAAAAAAAAAA",
                "keys-only=maybe",
                "prefix=a&prefix=b",
                "count=1"
            })
    void aListingRefusesParametersByName(String query) throws Exception {
        HttpResponse<String> response = send(request("/v1/kv?" + query));

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("INVALID_ARGUMENT", query.split("=", -1)[0]);
    }

    @ParameterizedTest
    @CsvSource({
        "PATCH, /v1/kv/a, 'GET, HEAD, PUT, DELETE, POST'",
        "OPTIONS, /v1/kv/a, 'GET, HEAD, PUT, DELETE, POST'",
        "POST, /v1/kv, 'GET, HEAD'",
        "PUT, /healthz, 'GET, HEAD'",
        "DELETE, /metrics, 'GET, HEAD'",
    })
    void aMethodThatTheResourceLacksIsRefusedWithThoseItHas(String method, String target, String allowed)
            throws Exception {
        HttpResponse<String> response = send(request(target).method(method, BodyPublishers.noBody()));

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("allow")).contains(allowed);
        assertThat(response.body()).contains("METHOD_NOT_ALLOWED");
    }

    @Test
    void aBodyOfAnotherTypeIsRefusedWithThoseThereAre() throws Exception {
        HttpRequest.Builder put = request("/v1/kv/form").PUT(BodyPublishers.ofString("a=b"));

        HttpResponse<String> untyped = send(put);
        assertThat(untyped.statusCode()).isEqualTo(415);
        assertThat(untyped.body()).contains("application/json or application/octet-stream");
        assertThat(send(put.copy().header("Content-Type", "application/x-www-form-urlencoded"))
                        .body())
                .as("what curl sends")
                .contains("-H 'Content-Type: application/json'");
        for (String type : List.of("text/plain", "application/json; charset=latin1", "application/jsonx")) {
            assertThat(send(put.copy().header("Content-Type", type)).statusCode())
                    .as(type)
                    .isEqualTo(415);
        }
        assertThat(send(putBytes("/v1/kv/form", new byte[1]).header("Content-Encoding", "gzip"))
                        .statusCode())
                .isEqualTo(415);
        assertThat(send(request("/v1/kv/form").header("Accept", "text/html")).statusCode())
                .isEqualTo(406);
    }

    @Test
    void aPageOfAnotherOriginMayNotWrite() throws Exception {
        HttpRequest.Builder increment = request("/v1/kv/csrf?op=incr").POST(BodyPublishers.noBody());

        HttpResponse<String> refused = send(increment.copy().header("Origin", "http://evil.example"));
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.headers().firstValue("access-control-allow-origin")).isEmpty();
        assertThat(send(request("/v1/kv/csrf")).statusCode()).isEqualTo(404);
        assertThat(send(increment.copy().header("Origin", "http://127.0.0.1:" + node.port()))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void aNodeThatServesIsAliveAndReady() throws Exception {
        assertThat(send(request("/healthz")).body()).isEqualTo("{\"status\":\"ok\"}");
        assertThat(send(request("/readyz")).body()).isEqualTo("{\"ready\":true,\"reasons\":[]}");
    }
}
