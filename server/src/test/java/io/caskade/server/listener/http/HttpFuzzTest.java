package io.caskade.server.listener.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.caskade.server.listener.http.RawHttp.Reply;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// Requests at random: each is answered with a status that there is, or its connection is closed, and neither
/// an answer nor the log has a stack trace. `-Dfuzz.seed` repeats a run, `-Dfuzz.requests` makes it longer.
class HttpFuzzTest {

    private static final long SEED = Long.getLong("fuzz.seed", new Random().nextLong());
    private static final int REQUESTS = Integer.getInteger("fuzz.requests", 2_000);

    private static final Set<Integer> STATUSES =
            Set.of(100, 200, 201, 204, 304, 400, 403, 404, 405, 406, 409, 412, 413, 414, 415, 417, 431);
    private static final List<String> METHODS =
            List.of("GET", "GET", "PUT", "PUT", "DELETE", "POST", "HEAD", "OPTIONS", "PATCH", "TRACE", "get", "X-Y");
    private static final List<String> PATHS = List.of(
            "/v1/kv/",
            "/v1/kv/",
            "/v1/kv/",
            "/v1/kv",
            "/v1/kv?",
            "/healthz",
            "/readyz",
            "/metrics",
            "/openapi.json",
            "/kv-store/keys/",
            "/kv-store/keys/",
            "/kv-store/key-count",
            "/kv-store/shards",
            "/kv-store/shards/",
            "/kv-store/view-change",
            "/kv-store/view-change",
            "/",
            "//",
            "http://h/v1/kv/",
            "*",
            "");
    private static final List<String> PIECES = List.of(
            "a",
            "b",
            "/",
            "//",
            "..",
            "%",
            "%2",
            "%2F",
            "%00",
            "%FF",
            "%zz",
            "+",
            ";",
            "=",
            "&",
            "?",
            "ttl=5s",
            "op=incr",
            "by=1",
            "limit=3",
            "prefix=a",
            "cursor=AQ",
            "keys-only",
            "#",
            "\u00e4",
            "\u0080",
            "~",
            "'",
            "\"",
            "{",
            "|",
            "\\");
    private static final List<String> HEADERS = List.of(
            "Content-Type: application/json",
            "Content-Type: application/json",
            "Content-Type: application/octet-stream",
            "Content-Type: ;;;",
            "Accept: application/octet-stream",
            "Accept: a;q=x, */*;q=0",
            "If-Match: \"1\"",
            "If-Match: *",
            "If-None-Match: *",
            "If-None-Match: W/\"3\", \"",
            "Origin: null",
            "Connection: keep-alive, x",
            "Connection: Upgrade",
            "Upgrade: h2c",
            "Upgrade: h2c, websocket",
            "HTTP2-Settings: !!",
            "HTTP2-Settings: AAMAAABkAAQAAP__",
            "Host: other",
            "X\u0001: y",
            ": empty",
            "Range: bytes=0-1",
            "TE: trailers",
            "Content-Encoding: gzip");
    private static final List<String> BODIES = List.of(
            "",
            "{}",
            "{\"value\":\"x\"}",
            "{\"value\":\"x\",\"ttl\":\"1h\"}",
            "{\"value\":\"x\",\"ttl\":\"-1h\"}",
            "{\"value\":\"\\ud800\"}",
            "{\"value\":\"=\",\"encoding\":\"base64\"}",
            "{\"value\":{\"a\":[[[]]]}}",
            "{\"value\":\"x\",\"value\":\"y\"}",
            "{\"value\":\"x\"} x",
            "[]",
            "null",
            "\u00ff\u00fe\u0000",
            "{\"value\":\"x\",\"causal-context\":{}}",
            "{\"value\":\"x\",\"causal-context\":\"AQ\"}",
            "{\"causal-context\":[1,{\"a\":null}]}",
            "{\"view\":[\"127.0.0.1:1\"],\"repl-factor\":1}",
            "{\"view\":[],\"repl-factor\":0}",
            "{\"view\":\"a\",\"repl-factor\":1e9}",
            "{\"view\":[\"\",\"::\",\"x:99999\"],\"repl-factor\":-1}",
            "12");

    @TempDir
    private static Path directory;

    private static HttpNode node;

    private final Random random = new Random(SEED);

    @BeforeAll
    static void start() throws Exception {
        node = HttpNode.start(directory, Map.of());
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private record Generated(String text, boolean head) {}

    private <T> T any(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private String some(List<String> choices, int most) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            text.append(any(choices));
        }
        return text.toString();
    }

    private Generated request() {
        if (random.nextInt(20) == 0) {
            return garbage();
        }
        String method = any(METHODS);
        StringBuilder text = new StringBuilder(method + " " + any(PATHS) + some(PIECES, 6) + " HTTP/1."
                + (random.nextInt(10) == 0 ? 0 : 1) + "\r\nHost: x\r\n");
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append(any(HEADERS)).append("\r\n");
        }
        String body = random.nextInt(50) == 0 ? "x".repeat(random.nextInt(200_000)) : any(BODIES);
        switch (random.nextInt(4)) {
            case 0 ->
                text.append("Transfer-Encoding: chunked\r\n\r\n")
                        .append(body.isEmpty() ? "" : Integer.toHexString(body.length()) + "\r\n" + body + "\r\n")
                        .append("0\r\n\r\n");
            case 1 -> text.append("\r\n");
            default ->
                text.append("Content-Length: ")
                        .append(body.length())
                        .append("\r\n\r\n")
                        .append(body);
        }
        return new Generated(text.toString(), method.equals("HEAD"));
    }

    private Generated garbage() {
        StringBuilder text = new StringBuilder("!");
        for (int i = random.nextInt(60); i > 0; i--) {
            text.append((char) random.nextInt(256));
        }
        return new Generated(text.append("\r\n\r\n").toString(), false);
    }

    @Test
    void everyRequestIsAnswered() throws Exception {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        root.addAppender(logged);
        try {
            for (int i = 0; i < REQUESTS; i++) {
                List<Generated> requests = new ArrayList<>();
                for (int j = random.nextInt(3); j >= 0; j--) {
                    requests.add(request());
                }
                requests.add(new Generated("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false));
                exchange(requests);
            }
        } finally {
            root.detachAppender(logged);
        }
        assertThat(logged.list)
                .as("the log with -Dfuzz.seed=%d", SEED)
                .noneMatch(event ->
                        event.getThrowableProxy() != null || event.getLevel().isGreaterOrEqual(Level.ERROR));
        try (RawHttp client = new RawHttp(node.port())) {
            assertThat(client.get("/healthz").status()).isEqualTo(200);
        }
    }

    /// Sends requests on one connection, which the last of them closes, and reads all answers.
    private void exchange(List<Generated> requests) throws IOException {
        String all = String.join("", requests.stream().map(Generated::text).toList());
        try (RawHttp client = new RawHttp(node.port())) {
            sendIgnoringResets(client, all);
            int answers = 0;
            for (int next = 0; next < requests.size(); ) {
                Reply reply = client.read(requests.get(next).head());
                check(reply);
                answers++;
                next += reply.status() == 100 ? 0 : 1;
                if ("close".equals(reply.headers().get("connection")) || reply.status() == 101) {
                    break;
                }
            }
            assertThat(answers).isPositive();
        } catch (EOFException e) {
            // Garbage may be a request with a body, or none at all; what follows it is its own affair.
            if (requests.stream().noneMatch(request -> isGarbage(request.text()))) {
                fail("the connection was closed without an answer; -Dfuzz.seed=" + SEED + "\n" + all, e);
            }
        } catch (IOException | RuntimeException | AssertionError e) {
            fail("-Dfuzz.seed=" + SEED + "\n" + all, e);
        }
    }

    private static boolean isGarbage(String text) {
        return !text.contains("Host: x");
    }

    private static void sendIgnoringResets(RawHttp client, String all) {
        Thread.ofVirtual().start(() -> {
            try {
                client.send(all);
            } catch (IOException e) {
                // The server has answered and closed before it had read everything, as it may.
                Thread.currentThread().interrupt();
            }
        });
    }

    private static void check(Reply reply) {
        if (reply.status() == 101) {
            return;
        }
        assertThat(STATUSES).contains(reply.status());
        if (reply.status() >= 400 && reply.body().length > 0) {
            assertThat(reply.text())
                    .matches("\\{\"error\":\\{\"code\":\"[A-Z_]+\",\"message\":\".+\"}}"
                            // /kv-store has errors of its own.
                            + "|\\{(\"[a-zA-Z-]+\":[^{]*,)*\"error\":\".+\"(,\"[a-zA-Z-]+\":[^{]*)*}");
        }
        assertThat(reply.text()).doesNotContain("Exception", "\\tat ", "io.netty", "io.caskade");
    }
}
