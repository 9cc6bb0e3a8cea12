package io.caskade.server.listener.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.listener.http.RawHttp.Reply;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What `/kv-store` says of requests that are not as they must be.
class StoreRefusalTest {

    private static final String BYTES = "Content-Type: application/octet-stream\r\n";

    @TempDir
    private static Path directory;

    private static HttpNode node;

    @BeforeAll
    static void start() throws Exception {
        node = HttpNode.start(directory, Map.of());
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static Reply send(String method, String key, String body) throws Exception {
        try (RawHttp client = new RawHttp(node.port())) {
            return client.send(method + " /kv-store/keys/" + key + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
                            + body.getBytes(UTF_8).length + "\r\n\r\n" + body)
                    .read();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"value\":null}", "{\"causal-context\":{},\"other\":[{}]}"})
    void aPutNeedsAValue(String body) throws Exception {
        Reply reply = send("PUT", "a", body);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text()).isEqualTo("{\"error\":\"Value is missing\",\"message\":\"Error in PUT\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PUT|{",
                "PUT|value=1",
                "PUT|[1]",
                "PUT|{\"value\":1}",
                "PUT|{\"value\":\"1\"} x",
                "PUT|{\"value\":\"\\ud800\"}",
                "PUT|{\"value\":\"1\",\"value\":\"2\"}",
                "PUT|{\"value\":\"1\",\"causal-context\":\"!\"}",
                "PUT|{\"value\":\"1\",\"causal-context\":{\"a\":1}}",
                "GET|{\"causal-context\":[]}",
                "DELETE|{\"causal-context\":\"AAAA\"}",
            })
    void aBodyIsJson(String method, String body) throws Exception {
        Reply reply = send(method, "a", body);

        assertThat(reply.status()).as(body).isEqualTo(400);
        assertThat(reply.text())
                .isEqualTo("{\"error\":\"Failed to parse request body\",\"message\":\"Error in " + method + "\"}");
    }

    @Test
    void aKeyHasItsLimits() throws Exception {
        Reply reply = send("GET", "k".repeat(65_536), "");
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text()).isEqualTo("{\"error\":\"Key is too long\",\"message\":\"Error in GET\"}");
        assertThat(send("PUT", "", "{\"value\":\"1\"}").text()).contains("Key is missing");
    }

    @Test
    void aValueHasItsLimit() throws Exception {
        Reply reply = send("PUT", "a", "{\"value\":\"" + "x".repeat(HttpNode.MAX_VALUE_BYTES + 1) + "\"}");

        assertThat(reply.status()).isEqualTo(413);
        assertThat(reply.text()).contains("Value is too long", "storage.max-value-size");
    }

    @Test
    void aValueThatIsNoTextIsInBase64() throws Exception {
        try (RawHttp client = new RawHttp(node.port())) {
            client.send("PUT /v1/kv/bytes HTTP/1.1\r\nHost: x\r\n" + BYTES + "Content-Length: 2\r\n\r\n")
                    .send(new byte[] {(byte) 0xff, 0})
                    .read();
        }
        assertThat(send("GET", "bytes", "").text()).contains("\"value\":\"/wA=\",\"encoding\":\"base64\"");
    }

    @Test
    void aTimeToLiveEndsWithTheNextPut() throws Exception {
        try (RawHttp client = new RawHttp(node.port())) {
            client.send("PUT /v1/kv/lives?ttl=1h HTTP/1.1\r\nHost: x\r\n" + BYTES + "Content-Length: 1\r\n\r\nx")
                    .read();
            assertThat(send("PUT", "lives", "{\"value\":\"y\"}").text()).contains("\"replaced\":true");
            assertThat(client.get("/v1/kv/lives").text()).contains("\"ttl\":null");
        }
    }
}
