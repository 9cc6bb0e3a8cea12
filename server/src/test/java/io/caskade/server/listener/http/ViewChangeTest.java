package io.caskade.server.listener.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caskade.server.listener.http.RawHttp.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Two nodes, of which the first has formed the cluster alone.
class ViewChangeTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private static Path directory;

    private static HttpNode first;
    private static HttpNode second;

    @BeforeAll
    static void start() throws Exception {
        first = HttpNode.start(directory.resolve("1"), Map.of("CASKADE_NODE_ID", "node-1"));
        second = HttpNode.join(first, directory.resolve("2"), "node-2");
    }

    @AfterAll
    static void stop() {
        second.close();
        first.close();
    }

    private static Reply put(HttpNode at, String target, String body) throws Exception {
        try (RawHttp client = new RawHttp(at.port())) {
            return client.send("PUT " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
                            + body.getBytes(UTF_8).length + "\r\n\r\n" + body)
                    .read();
        }
    }

    private static Reply change(HttpNode at, String view, int copies) throws Exception {
        return put(at, "/kv-store/view-change", "{\"view\":" + view + ",\"repl-factor\":" + copies + "}");
    }

    private static String addressOf(HttpNode node) {
        return "127.0.0.1:" + node.port();
    }

    private static String list(HttpNode... nodes) {
        return Stream.of(nodes)
                .map(node -> '"' + addressOf(node) + '"')
                .toList()
                .toString();
    }

    private static List<String> replicas(JsonNode shard) {
        List<String> replicas = new ArrayList<>();
        shard.get("replicas").forEach(replica -> replicas.add(replica.asText()));
        return replicas;
    }

    /// What is answered when all copies are moved: each request waits a while for that.
    private static JsonNode changed(HttpNode at, String view, int copies) throws Exception {
        Reply last = Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> change(at, view, copies), reply -> reply.status() != 202);
        assertThat(last.status()).as(last.text()).isEqualTo(200);
        return MAPPER.readTree(last.body());
    }

    @Test
    void copiesAreMovedToExactlyTheNodesOfTheView() throws Exception {
        for (int i = 0; i < 10; i++) {
            put(first, "/kv-store/keys/key" + i, "{\"value\":\"x\"}");
        }

        JsonNode both = changed(first, list(first, second), 2);
        assertThat(both.get("message").asText()).isEqualTo("View change successful");
        for (JsonNode shard : both.get("shards")) {
            assertThat(replicas(shard)).containsExactlyInAnyOrder(addressOf(first), addressOf(second));
        }

        JsonNode moved = changed(first, '"' + addressOf(second) + '"', 1);
        assertThat(moved.get("shards")).hasSize(4);
        for (JsonNode shard : moved.get("shards")) {
            assertThat(replicas(shard)).containsExactly(addressOf(second));
        }
        assertThat(IntStream.range(0, 4)
                        .mapToLong(id ->
                                moved.get("shards").get(id).get("key-count").asLong())
                        .sum())
                .isEqualTo(10);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{|Failed to parse request body",
                "[]|Failed to parse request body",
                "{\"view\":[1],\"repl-factor\":1}|Failed to parse request body",
                "{\"view\":{},\"repl-factor\":1}|Failed to parse request body",
                "{\"view\":[\"127.0.0.1:1\"],\"repl-factor\":\"1\"}|Failed to parse request body",
                "{}|View is missing",
                "{\"view\":[],\"repl-factor\":1}|View is missing",
                "{\"view\":[\"127.0.0.1:1\"]}|Replication factor is missing",
                "{\"view\":[\"127.0.0.1:1\"],\"repl-factor\":1}|View is unknown"
            })
    void whatIsWrongIsSaid(String body, String error) throws Exception {
        Reply reply = put(first, "/kv-store/view-change", body);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(MAPPER.readTree(reply.body()).get("error").asText()).isEqualTo(error);
    }

    @Test
    void moreCopiesThanNodesAreRefused() throws Exception {
        Reply reply = change(first, list(first), 2);

        assertThat(reply.status()).isEqualTo(400);
        JsonNode body = MAPPER.readTree(reply.body());
        assertThat(body.get("error").asText()).isEqualTo("View change is not possible");
        assertThat(body.get("reason").asText()).contains("2");
    }
}
