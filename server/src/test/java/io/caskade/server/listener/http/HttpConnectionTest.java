package io.caskade.server.listener.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caskade.server.listener.http.RawHttp.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Connections of a running node, byte by byte.
class HttpConnectionTest {

    private static final String JSON = "Host: x\r\nContent-Type: application/json\r\n";
    private static final String BYTES = "Host: x\r\nContent-Type: application/octet-stream\r\n";

    @TempDir
    private static Path directory;

    private static HttpNode node;

    private RawHttp client;

    @BeforeAll
    static void start() throws Exception {
        node = HttpNode.start(directory, Map.of());
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @BeforeEach
    void connect() throws Exception {
        client = new RawHttp(node.port());
    }

    @AfterEach
    void disconnect() throws Exception {
        client.close();
    }

    @Test
    void everyTargetBelowKvIsAKeyOfItsOwn() throws Exception {
        List<String> targets = List.of(
                "a", "a/b", "a%2Fb/", "a//b", "//", "/", "%00", "..", "../..", ".", "a+b", "a%20b", "a%2525", "a;b=c",
                "%FF", "a%3Fb", "%25zz", "incr", "a:b", "healthz");
        for (String target : targets) {
            assertThat(client.put("/v1/kv/" + target, "value of " + target).status())
                    .as(target)
                    .isEqualTo(200);
        }
        for (String target : targets) {
            Reply reply = client.send("GET /v1/kv/" + target + " HTTP/1.1\r\n" + BYTES
                            + "Accept: application/octet-stream\r\n\r\n")
                    .read();
            assertThat(reply.text()).isEqualTo("value of " + target);
        }
        assertThat(client.get("/v1/kv/a%2fb%2F").text()).contains("\"key\":\"a/b/\"");
        assertThat(client.get("/v1/kv/%2e%2E").text()).contains("\"key\":\"..\"");
        assertThat(client.get("/v1/kv/%61%2Bb").text()).contains("\"key\":\"a+b\"");
        assertThat(client.get("http://elsewhere/v1/kv/a").text()).contains("\"key\":\"a\"");
    }

    @Test
    void bytesAboveAsciiInATargetAreThoseOfTheKey() throws Exception {
        client.put("/v1/kv/\u00c3\u00a4", "1");

        assertThat(client.get("/v1/kv/%C3%A4").text()).contains("\"key\":\"ä\"");
    }

    @ParameterizedTest
    @CsvSource({
        "GET /v1/kv/%zz HTTP/1.1, 400",
        "GET /v1/kv/%4 HTTP/1.1, 400",
        "GET /v1/kv/% HTTP/1.1, 400",
        "GET /v1/kv/ HTTP/1.1, 400",
        "GET v1/kv/a HTTP/1.1, 400",
        "OPTIONS * HTTP/1.1, 400",
        "CONNECT a:1 HTTP/1.1, 400",
        "GET /v1/kv/none HTTP/1.1, 404",
        "GET /nothing HTTP/1.1, 404",
        "GET / HTTP/1.1, 404",
        "GET /v1/../v1/kv HTTP/1.1, 404",
        "get /v1/kv/a HTTP/1.1, 405",
        "BREW /v1/kv/a HTTP/1.1, 405",
        "GET /healthz HTTP/1.0, 200",
        "GET http://x/healthz HTTP/1.1, 200",
        "GET /healthz HTTP/3.7, 400"
    })
    void aRequestLineIsAnsweredWithItsStatus(String line, int status) throws Exception {
        Reply reply = client.send(line + "\r\nHost: x\r\n\r\n").read();

        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.headers()).containsKey("date").containsEntry("content-type", "application/json");
        assertThat(reply.text()).startsWith(status == 200 ? "{\"status\":\"ok\"}" : "{\"error\":{\"code\":\"");
    }

    @Test
    void aLongTargetAndLongHeadersAreRefusedWithTheirLimits() throws Exception {
        Reply target = client.get("/v1/kv/" + "x".repeat(300_000));
        assertThat(target.status()).isEqualTo(414);
        assertThat(target.text()).contains("TARGET_TOO_LONG", "262144");
        assertThat(client.isClosed()).isTrue();

        try (RawHttp other = new RawHttp(node.port())) {
            Reply headers = other.send("GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(20_000) + "\r\n\r\n")
                    .read();
            assertThat(headers.status()).isEqualTo(431);
            assertThat(headers.text()).contains("HEADERS_TOO_LARGE", "16384");
        }
        try (RawHttp other = new RawHttp(node.port())) {
            assertThat(other.put("/v1/kv/" + "%41".repeat(65_535), "1").status())
                    .isEqualTo(200);
            Reply tooLong = other.get("/v1/kv/" + "a".repeat(65_536));
            assertThat(tooLong.status()).isEqualTo(400);
            assertThat(tooLong.text()).contains("keys have 1 to 65535 bytes");
        }
    }

    @Test
    void whatIsNoHttpIsRefused() throws Exception {
        Reply reply = client.send("\u0016\u0003\u0001\u0002 hello\r\n\r\n").read();

        assertThat(reply.status()).isEqualTo(400);
        assertThat(client.isClosed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Host: a\r\nHost: b\r\n"})
    void aRequestNamesOneHost(String hosts) throws Exception {
        Reply reply = client.send("GET /healthz HTTP/1.1\r\n" + hosts + "\r\n").read();

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text()).contains("one Host header field");
        assertThat(client.get("/healthz").status()).isEqualTo(200);
    }

    @Test
    void theClientIsAskedForABodyThatItHoldsBack() throws Exception {
        client.send("PUT /v1/kv/expected HTTP/1.1\r\n" + BYTES + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        assertThat(client.read().status()).isEqualTo(100);

        assertThat(client.send("hello").read().status()).isEqualTo(200);
        assertThat(client.get("/v1/kv/expected").text()).contains("\"value\":\"hello\"");
    }

    @Test
    void aBodyThatIsHeldBackIsRefusedUnsent() throws Exception {
        client.send("PUT /v1/kv/a HTTP/1.1\r\n" + BYTES + "Content-Length: 65537\r\nExpect: 100-continue\r\n\r\n");

        Reply reply = client.read();
        assertThat(reply.status()).isEqualTo(413);
        assertThat(reply.headers()).containsEntry("connection", "close");
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void anotherExpectationFails() throws Exception {
        client.send("PUT /v1/kv/a HTTP/1.1\r\n" + BYTES + "Content-Length: 1\r\nExpect: tea\r\n\r\n");

        assertThat(client.read().status()).isEqualTo(417);
    }

    @Test
    void aHeadBehindABodyThatWasAskedForHasNoBody() throws Exception {
        client.send("PUT /v1/kv/piped HTTP/1.1\r\n" + BYTES
                + "Content-Length: 1\r\nExpect: 100-continue\r\n\r\nxHEAD /v1/kv/piped HTTP/1.1\r\nHost: x\r\n\r\n"
                + "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");

        assertThat(client.read().status()).isEqualTo(100);
        assertThat(client.read().text()).contains("\"key\":\"piped\"");
        assertThat(client.read(true).status()).isEqualTo(200);
        assertThat(client.read().text()).isEqualTo("{\"status\":\"ok\"}");
    }

    @Test
    void pipelinedRequestsAreAnsweredInTheirOrder() throws Exception {
        int requests = 3_000;
        StringBuilder sent = new StringBuilder();
        for (int i = 0; i < requests; i++) {
            sent.append(String.format(
                    Locale.ROOT, "PUT /v1/kv/p%d HTTP/1.1\r\n%sContent-Length: 4\r\n\r\n%04d", i % 7, BYTES, i));
            sent.append(String.format(Locale.ROOT, "GET /v1/kv/p%d HTTP/1.1\r\nHost: x\r\n\r\n", i % 7));
        }
        Thread sender = Thread.ofVirtual().start(() -> {
            try {
                client.send(sent.toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        for (int i = 0; i < requests; i++) {
            assertThat(client.read().status()).isEqualTo(200);
            assertThat(client.read().text()).contains(String.format(Locale.ROOT, "\"value\":\"%04d\"", i));
        }
        sender.join();
    }

    @Test
    void aClientThatSendsNoMoreGetsAllAnswers() throws Exception {
        String puts = "PUT /v1/kv/half HTTP/1.1\r\n" + BYTES + "Content-Length: 1\r\n\r\n1";
        client.send(puts.repeat(20) + "GET /v1/kv/half HTTP/1.1\r\nHost: x\r\n\r\n")
                .shutdownOutput();

        for (int i = 0; i < 20; i++) {
            assertThat(client.read().status()).isEqualTo(200);
        }
        assertThat(client.read().text()).contains("\"value\":\"1\"");
        assertThat(client.isClosed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "PRI * HT",
                "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nPUT /v1/kv/a HTTP/1.1\r\n" + BYTES
                        + "Content-Length: 2\r\n\r\n1"
            })
    void theConnectionOfAClientThatSendsNoMoreIsClosed(String sent) throws Exception {
        client.send(sent).shutdownOutput();

        if (sent.contains("healthz")) {
            assertThat(client.read().status()).isEqualTo(200);
        }
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void aClientOfHttp2ThatSendsNoMoreGetsItsAnswer() throws Exception {
        try (RawHttp2 http2 = new RawHttp2(node.port())) {
            assertThat(http2.getAndShutdownOutput("/healthz")).contains("ok");
            http2.awaitClose();
        }
    }

    @Test
    void manyPipelinedRequestsThatNeedNoWaitingAreAnswered() throws Exception {
        int requests = 20_000;
        Thread sender = Thread.ofVirtual().start(() -> {
            try {
                client.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(requests));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        for (int i = 0; i < requests; i++) {
            assertThat(client.read().status()).isEqualTo(200);
        }
        sender.join();
    }

    @Test
    void aRequestInPiecesAndChunksIsPutTogether() throws Exception {
        String request = "PUT /v1/kv/chunked HTTP/1.1\r\n" + JSON + "Transfer-Encoding: chunked\r\n\r\n"
                + "4\r\n{\"va\r\n7\r\nlue\":\"x\r\n2\r\n\"}\r\n0\r\n\r\n";
        for (int i = 0; i < request.length(); i++) {
            client.send(request.substring(i, i + 1));
        }

        assertThat(client.read().status()).isEqualTo(200);
        assertThat(client.get("/v1/kv/chunked").text()).contains("\"value\":\"x\"");
    }

    @Test
    void aChunkedBodyThatGrowsTooLongIsRefused() throws Exception {
        client.send("PUT /v1/kv/a HTTP/1.1\r\n" + BYTES + "Transfer-Encoding: chunked\r\n\r\n");
        String chunk = "4000\r\n" + "x".repeat(0x4000) + "\r\n";
        client.send(chunk.repeat(5));

        assertThat(client.read().status()).isEqualTo(413);
        assertThat(client.isClosed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: abc",
                "Content-Length: -1",
                "Content-Length: 1\r\nContent-Length: 2",
                "Transfer-Encoding: gzip"
            })
    void aLengthThatIsNoneIsRefusedAndTheConnectionClosed(String length) throws Exception {
        client.send("PUT /v1/kv/unframed HTTP/1.1\r\n" + BYTES + length + "\r\n\r\nx");

        assertThat(client.read().status()).isEqualTo(400);
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void aChunkedBodyWithALengthEndsTheConnection() throws Exception {
        client.send("PUT /v1/kv/smuggled HTTP/1.1\r\n" + BYTES
                + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
                + "PUT /v1/kv/behind2 HTTP/1.1\r\n" + BYTES + "Content-Length: 1\r\n\r\nx");

        client.read();
        assertThat(client.isClosed()).isTrue();
        try (RawHttp other = new RawHttp(node.port())) {
            assertThat(other.get("/v1/kv/behind2").status()).isEqualTo(404);
        }
    }

    @Test
    void aMalformedChunkIsRefused() throws Exception {
        client.send("PUT /v1/kv/a HTTP/1.1\r\n" + BYTES + "Transfer-Encoding: chunked\r\n\r\nzz\r\n");

        assertThat(client.read().status()).isEqualTo(400);
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void theAnswerToALongBodyArrivesAlthoughTheBodyIsNotRead() throws Exception {
        client.send("PUT /v1/kv/a HTTP/1.1\r\n" + BYTES + "Content-Length: 100000000\r\n\r\n");
        client.send(new byte[100_000]);

        Reply reply = client.read();
        assertThat(reply.status()).isEqualTo(413);
        assertThat(reply.headers()).containsEntry("connection", "close");
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void aConnectionSurvivesARefusedRequestWithAShortBody() throws Exception {
        client.send("PUT /v1/kv/a HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n");
        assertThat(client.read().status()).isEqualTo(415);

        client.send("hello");
        assertThat(client.get("/healthz").status()).isEqualTo(200);
    }

    @Test
    void aBodyWhereNoneIsExpectedIsIgnored() throws Exception {
        client.send("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        assertThat(client.read().status()).isEqualTo(100);
        assertThat(client.send("hello").read().status()).isEqualTo(200);
        assertThat(client.get("/healthz").status()).isEqualTo(200);

        client.send("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n");
        assertThat(client.read().status()).isEqualTo(413);
    }

    @ParameterizedTest
    @CsvSource({"1.1, Connection: close, close", "1.0, X: y, close", "1.0, Connection: keep-alive, keep-alive"})
    void aConnectionEndsAsTheClientWants(String version, String header, String expected) throws Exception {
        Reply reply = client.send("GET /healthz HTTP/" + version + "\r\nHost: x\r\n" + header + "\r\n\r\n")
                .read();

        assertThat(reply.status()).isEqualTo(200);
        if (expected.equals("close")) {
            assertThat(client.isClosed()).isTrue();
        } else {
            assertThat(reply.headers()).containsEntry("connection", expected);
            assertThat(client.get("/healthz").status()).isEqualTo(200);
        }
    }

    @Test
    void whatFollowsARequestThatClosesIsNotAnswered() throws Exception {
        client.send("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + "PUT /v1/kv/behind HTTP/1.1\r\n"
                + BYTES + "Content-Length: 1\r\n\r\nx");
        assertThat(client.read().status()).isEqualTo(200);
        assertThat(client.isClosed()).isTrue();

        try (RawHttp other = new RawHttp(node.port())) {
            assertThat(other.get("/v1/kv/behind").status()).isEqualTo(404);
        }
    }

    @Test
    void aClientThatGoesAwayLeavesNothingHeld() throws Exception {
        List<RawHttp> gone = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            RawHttp leaving = new RawHttp(node.port());
            leaving.send("PUT /v1/kv/a HTTP/1.1\r\n" + BYTES + "Content-Length: 50000\r\n\r\n");
            leaving.send(new byte[20_000]);
            gone.add(leaving);
        }
        for (RawHttp leaving : gone) {
            leaving.close();
        }

        await().until(() -> client.get("/metrics").text().contains("\ncaskade_http_body_bytes 0.0\n"));
        assertThat(client.get("/metrics").text()).contains("\ncaskade_reads_held_bytes 0.0\n");
    }

    @Test
    void anUpgradeToAnotherProtocolIsIgnored() throws Exception {
        Reply reply = client.send(
                        "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
                .read();

        assertThat(reply.status()).isEqualTo(200);
        assertThat(client.get("/healthz").status()).isEqualTo(200);
    }

    @Test
    void http2WithoutAnUpgradeTakesEveryTargetAsItIs() throws Exception {
        try (RawHttp2 http2 = new RawHttp2(node.port())) {
            for (String key : List.of("h2/..", "h2//", "h2%00%2F", "h2;a=b", "h2+")) {
                client.put("/v1/kv/" + key, "value of " + key);

                assertThat(http2.get("/v1/kv/" + key)).contains("\"value\":\"value of " + key + "\"");
            }
            assertThat(http2.get("/v1/kv/%")).contains("INVALID_ARGUMENT");
            assertThat(http2.get("v1")).contains("INVALID_ARGUMENT");
        }
    }

    @Test
    void manyRequestsShareAnHttp2Connection() throws Exception {
        try (HttpClient http2 =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            HttpRequest read = HttpRequest.newBuilder(node.uri("/healthz")).build();
            assertThat(http2.send(read, BodyHandlers.ofString()).version()).isEqualTo(HttpClient.Version.HTTP_2);
            var replies = IntStream.range(0, 200)
                    .mapToObj(i -> http2.sendAsync(
                            HttpRequest.newBuilder(node.uri("/v1/kv/multiplexed" + i))
                                    .header("Content-Type", "application/octet-stream")
                                    .PUT(BodyPublishers.ofByteArray(new byte[i * 100]))
                                    .build(),
                            BodyHandlers.discarding()))
                    .toList();

            assertThat(replies).allSatisfy(reply -> {
                assertThat(reply.join().statusCode()).isEqualTo(200);
                assertThat(reply.join().version()).isEqualTo(HttpClient.Version.HTTP_2);
            });
        }
    }

    @Test
    void aLongBodyIsRefusedOnAnHttp2StreamAndTheConnectionGoesOn() throws Exception {
        try (HttpClient http2 =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            HttpRequest read = HttpRequest.newBuilder(node.uri("/healthz")).build();
            http2.send(read, BodyHandlers.discarding());

            HttpRequest tooLong = HttpRequest.newBuilder(node.uri("/v1/kv/a"))
                    .header("Content-Type", "application/octet-stream")
                    .PUT(BodyPublishers.ofByteArray(new byte[70_000]))
                    .build();
            assertThat(http2.send(tooLong, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(413);
            assertThat(http2.send(read, BodyHandlers.discarding()).version()).isEqualTo(HttpClient.Version.HTTP_2);
        }
    }
}
