package io.caskade.server.listener.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caskade.api.CausalContext;
import io.caskade.api.v1.Position;
import io.caskade.server.listener.http.RawHttp.Reply;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `/openapi.json` beside what a running node answers.
class OpenApiTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final List<String> METHODS = List.of("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS");
    private static final String JSON = "Content-Type: application/json\r\n";

    @TempDir
    private static Path directory;

    private static HttpNode node;
    private static JsonNode document;

    @BeforeAll
    static void start() throws Exception {
        node = HttpNode.start(directory, Map.of());
        try (RawHttp client = new RawHttp(node.port())) {
            document = MAPPER.readTree(client.get("/openapi.json").body());
        }
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    /// A request, the path of the description it belongs to, and the status that it is about.
    private record Example(String path, String method, String target, String headers, String body, int status) {

        Example(String path, String method, String headers, String body, int status) {
            this(path, method, path.replace("{key}", "example").replace("{id}", "0"), headers, body, status);
        }
    }

    private static final String KEY = "/v1/kv/{key}";
    private static final String STORE = "/kv-store/keys/{key}";
    private static final String SHARD = "/kv-store/shards/{id}";
    private static final String VIEW = "/kv-store/view-change";

    /// A causal context that no log of the node contains.
    private static final String LOST = "Causal-Context: "
            + IntStream.range(0, 4)
                    .mapToObj(partition -> CausalContext.of(Position.newBuilder()
                            .setPartition(partition)
                            .setEpoch(1)
                            .setSequence(1L << 40)
                            .build()))
                    .reduce(CausalContext.EMPTY, CausalContext::merge)
            + "\r\n";

    private static final List<Example> EXAMPLES = List.of(
            new Example(KEY, "PUT", JSON, "{\"value\":\"1\"}", 200),
            new Example(KEY, "GET", "", "", 200),
            new Example(KEY, "GET", "Accept: application/octet-stream\r\n", "", 200),
            new Example(KEY, "HEAD", "", "", 200),
            new Example(KEY, "GET", "If-None-Match: *\r\n", "", 304),
            new Example(KEY, "HEAD", "If-None-Match: *\r\n", "", 304),
            new Example(KEY, "GET", "If-Match: \"1000\"\r\n", "", 412),
            new Example(KEY, "GET", "Accept: text/html\r\n", "", 406),
            new Example(KEY, "GET", "Origin: http://elsewhere\r\n", "", 403),
            new Example(KEY, "GET", "/v1/kv/missing", "", "", 404),
            new Example(KEY, "GET", "/v1/kv/%", "", "", 400),
            new Example(KEY, "GET", "/v1/kv/" + "x".repeat(300_000), "", "", 414),
            new Example(KEY, "GET", "X: " + "x".repeat(20_000) + "\r\n", "", 431),
            new Example(KEY, "POST", "/v1/kv/example?op=incr&by=2", "", "", 200),
            new Example(KEY, "POST", "", "", 400),
            new Example(KEY, "PUT", JSON + "If-None-Match: *\r\n", "{\"value\":\"1\"}", 412),
            new Example(KEY, "PUT", JSON, "{\"value\":\"" + "x".repeat(70_000) + "\"}", 413),
            new Example(KEY, "PUT", "", "x", 415),
            new Example(KEY, "PUT", JSON + "Expect: tea\r\n", "x", 417),
            new Example(KEY, "PUT", JSON, "{\"value\":\"text\"}", 200),
            new Example(KEY, "POST", "/v1/kv/example?op=incr", "", "", 409),
            new Example(KEY, "DELETE", "If-Match: \"1000\"\r\n", "", 412),
            new Example(KEY, "DELETE", "", "", 204),
            new Example(KEY, "DELETE", "", "", 404),
            new Example(KEY, "DELETE", "/v1/kv/a?b", "", "", 400),
            new Example("/v1/kv", "GET", "", "", 200),
            new Example("/v1/kv", "HEAD", "", "", 200),
            new Example("/v1/kv", "GET", "/v1/kv?limit=0", "", "", 400),
            new Example(KEY, "PUT", JSON, "{\"value\":\"1\"}", 200),
            new Example(KEY, "GET", "/v1/kv/example?read=causal", LOST, "", 409),
            new Example(KEY, "HEAD", "/v1/kv/example?read=causal", LOST, "", 409),
            new Example(KEY, "GET", "/v1/kv/example?read=eventual", "", "", 200),
            new Example(STORE, "PUT", "/kv-store/keys/new", "", "{\"value\":\"1\",\"causal-context\":\"\"}", 201),
            new Example(STORE, "PUT", "", "{\"value\":\"2\"}", 200),
            new Example(STORE, "PUT", "", "{}", 400),
            new Example(STORE, "PUT", "/kv-store/keys/%", "", "{}", 400),
            new Example(STORE, "PUT", "", "{\"value\":\"" + "x".repeat(70_000) + "\"}", 413),
            new Example(STORE, "PUT", "Expect: tea\r\n", "x", 417),
            new Example(STORE, "GET", "", "{\"causal-context\":null}", 200),
            new Example(STORE, "GET", LOST, "", 409),
            new Example(STORE, "GET", "", "{", 400),
            new Example(STORE, "DELETE", "", "", 200),
            new Example(STORE, "DELETE", "", "", 404),
            new Example(STORE, "GET", "", "", 404),
            new Example("/kv-store/key-count", "GET", "", "", 200),
            new Example("/kv-store/key-count", "HEAD", "", "", 200),
            new Example("/kv-store/shards", "GET", "", "", 200),
            new Example("/kv-store/shards", "HEAD", "", "", 200),
            new Example(SHARD, "GET", "/kv-store/shards/0", "", "", 200),
            new Example(SHARD, "HEAD", "/kv-store/shards/0", "", "", 200),
            new Example(SHARD, "GET", "/kv-store/shards/x", "", "", 404),
            new Example(VIEW, "PUT", "", "{\"view\":[],\"repl-factor\":1}", 400),
            new Example(VIEW, "PUT", "", " ".repeat(300_000), 413),
            new Example("/healthz", "GET", "", "", 200),
            new Example("/healthz", "HEAD", "", "", 200),
            new Example("/readyz", "GET", "", "", 200),
            new Example("/readyz", "HEAD", "", "", 200),
            new Example("/metrics", "GET", "", "", 200),
            new Example("/metrics", "HEAD", "", "", 200),
            new Example("/openapi.json", "GET", "", "", 200),
            new Example("/openapi.json", "HEAD", "", "", 200));

    private static Reply send(Example example) throws Exception {
        try (RawHttp client = new RawHttp(node.port())) {
            return client.send(
                            example.method() + " " + example.target() + " HTTP/1.1\r\nHost: x\r\n" + example.headers()
                                    + "Content-Length: " + example.body().length() + "\r\n\r\n" + example.body())
                    .read(example.method().equals("HEAD"));
        }
    }

    private static JsonNode resolved(JsonNode described) {
        JsonNode reference = described.get("$ref");
        return reference == null ? described : document.at(reference.asText().substring(1));
    }

    @Test
    void everyExampleIsAnsweredAsItIsDescribed() throws Exception {
        for (Example example : EXAMPLES) {
            Reply reply = send(example);
            String what = example.method() + " " + example.path() + ": " + reply.text();
            assertThat(reply.status()).as(what).isEqualTo(example.status());

            JsonNode described = document.path("paths")
                    .path(example.path())
                    .path(example.method().toLowerCase(Locale.ROOT))
                    .path("responses")
                    .path(Integer.toString(reply.status()));
            assertThat(described.isMissingNode()).as("described: " + what).isFalse();
            assertBodyIsDescribed(reply, resolved(described).path("content"), what);
            resolved(described)
                    .path("headers")
                    .fieldNames()
                    .forEachRemaining(
                            name -> assertThat(reply.headers()).as(what).containsKey(name.toLowerCase(Locale.ROOT)));
        }
    }

    private static void assertBodyIsDescribed(Reply reply, JsonNode content, String what) throws Exception {
        if (reply.body().length == 0) {
            return;
        }
        String type = reply.headers().getOrDefault("content-type", "").split(";", -1)[0];
        assertThat(content.has(type)).as(what).isTrue();
        if (type.equals("application/json")) {
            assertMatches(
                    MAPPER.readTree(reply.body()), resolved(content.path(type).path("schema")), what);
        }
    }

    private static void assertMatchesOneOf(JsonNode json, JsonNode schemas, String what) {
        List<String> mismatches = new ArrayList<>();
        for (JsonNode schema : schemas) {
            try {
                assertMatches(json, resolved(schema), what);
                return;
            } catch (AssertionError mismatch) {
                mismatches.add(mismatch.getMessage());
            }
        }
        assertThat(mismatches).as(what).isEmpty();
    }

    /// Objects have the properties that their schema requires, and no others than it names.
    private static void assertMatches(JsonNode json, JsonNode schema, String what) {
        if (schema.has("oneOf")) {
            assertMatchesOneOf(json, schema.get("oneOf"), what);
            return;
        }
        List<String> names = new ArrayList<>();
        json.fieldNames().forEachRemaining(names::add);
        schema.path("required").forEach(required -> assertThat(names).as(what).contains(required.asText()));
        if (schema.path("additionalProperties").isBoolean()) {
            Set<String> known = new HashSet<>();
            schema.path("properties").fieldNames().forEachRemaining(known::add);
            assertThat(known).as(what).containsAll(names);
        }
        for (String name : names) {
            JsonNode property = schema.path("properties").path(name);
            JsonNode value = json.get(name);
            if (value.isObject()) {
                assertMatches(value, resolved(property), what);
            } else if (value.isArray()) {
                value.forEach(item -> assertMatches(item, resolved(property.path("items")), what));
            } else if (property.has("enum")) {
                assertThat(property.get("enum")).as(what).contains(value);
            } else if (property.has("pattern")) {
                assertThat(value.asText())
                        .as(what)
                        .matches(property.get("pattern").asText());
            }
        }
    }

    @Test
    void everyMethodOfEveryPathIsDescribedAndNoOthers() throws Exception {
        List<String> paths = new ArrayList<>();
        document.path("paths").fieldNames().forEachRemaining(paths::add);
        assertThat(paths)
                .containsExactlyInAnyOrder(
                        KEY,
                        "/v1/kv",
                        STORE,
                        "/kv-store/key-count",
                        "/kv-store/shards",
                        SHARD,
                        VIEW,
                        "/healthz",
                        "/readyz",
                        "/metrics",
                        "/openapi.json");
        for (String path : paths) {
            for (String method : METHODS) {
                Reply reply = send(new Example(path, method, JSON, "{\"value\":\"1\"}", 0));

                boolean described = document.path("paths").path(path).has(method.toLowerCase(Locale.ROOT));
                assertThat(reply.status() != 405).as(method + " " + path).isEqualTo(described);
            }
        }
    }

    @Test
    void everyCodeIsListed() {
        List<String> listed = new ArrayList<>();
        document.at("/components/schemas/Error/properties/error/properties/code/enum")
                .forEach(code -> listed.add(code.asText()));

        assertThat(listed)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(ErrorCode.values()).map(Enum::name).toList());
        assertThat(document.path("openapi").asText()).isEqualTo("3.1.0");
    }

    /// But 202: one node has nothing to move.
    @Test
    void everyStatusThatARunningNodeCanGiveHasAnExample() {
        Set<Integer> shown = new HashSet<>();
        EXAMPLES.forEach(example -> shown.add(example.status()));
        Stream<Integer> described = document.findValues("responses").stream()
                .flatMap(responses -> {
                    List<String> names = new ArrayList<>();
                    responses.fieldNames().forEachRemaining(names::add);
                    return names.stream();
                })
                .filter(name -> name.matches("[1-4]\\d\\d"))
                .map(Integer::valueOf)
                .filter(status -> status != 202);

        assertThat(described)
                .isNotEmpty()
                .allSatisfy(status -> assertThat(shown).contains(status));
    }
}
