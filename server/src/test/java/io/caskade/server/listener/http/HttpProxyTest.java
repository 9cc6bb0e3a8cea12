package io.caskade.server.listener.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.caskade.api.CaskadeErrors;
import io.caskade.api.CausalContext;
import io.caskade.api.KeySlots;
import io.caskade.api.Proxying;
import io.caskade.api.v1.Call;
import io.caskade.api.v1.CallBatch;
import io.caskade.api.v1.CompareAndSetRequest;
import io.caskade.api.v1.CountRequest;
import io.caskade.api.v1.ErrorCode;
import io.caskade.api.v1.GetRequest;
import io.caskade.api.v1.GetResponse;
import io.caskade.api.v1.KeyValueGrpc;
import io.caskade.api.v1.Position;
import io.caskade.api.v1.PutRequest;
import io.caskade.api.v1.ReplyBatch;
import io.caskade.api.v1.ScanRequest;
import io.caskade.server.listener.http.RawHttp.Reply;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two nodes, the second of which keeps no copy of anything, and answers for every key all the same.
class HttpProxyTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int PARTITIONS = 4;

    @TempDir
    private static Path directory;

    private static HttpNode leader;
    private static HttpNode other;

    private RawHttp near;
    private RawHttp far;

    @BeforeAll
    static void start() throws Exception {
        leader = HttpNode.start(directory.resolve("1"), Map.of("CASKADE_NODE_ID", "node-1"));
        other = HttpNode.join(leader, directory.resolve("2"), "node-2");
    }

    @AfterAll
    static void stop() {
        other.close();
        leader.close();
    }

    @BeforeEach
    void connect() throws Exception {
        near = new RawHttp(leader.port());
        far = new RawHttp(other.port());
    }

    @AfterEach
    void disconnect() throws Exception {
        near.close();
        far.close();
    }

    private static Reply send(RawHttp client, String method, String target, String headers, String body)
            throws Exception {
        return client.send(method + " " + target + " HTTP/1.1\r\nHost: x\r\n" + headers + "Content-Length: "
                        + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body)
                .read(method.equals("HEAD"));
    }

    private static JsonNode json(Reply reply) throws Exception {
        return MAPPER.readTree(reply.body());
    }

    @Test
    void theOtherNodeAnswersAsTheLeaderDoes() throws Exception {
        Reply put =
                send(far, "PUT", "/v1/kv/a", "Content-Type: application/json\r\n", "{\"value\":\"1\",\"ttl\":\"1h\"}");
        assertThat(put.status()).isEqualTo(200);
        Reply got = far.get("/v1/kv/a");

        assertThat(got.status()).isEqualTo(200);
        assertThat(json(got).get("value").asText()).isEqualTo("1");
        assertThat(json(got).get("ttl").asText()).startsWith("59m59");
        assertThat(got.headers())
                .containsEntry("caskade-served-by", "node-1")
                .containsEntry("etag", put.headers().get("etag"));
        assertThat(json(near.get("/v1/kv/a")).get("version"))
                .isEqualTo(json(got).get("version"));
        assertThat(near.get("/v1/kv/a").headers()).containsEntry("caskade-served-by", "node-1");
        assertThat(send(far, "HEAD", "/v1/kv/a", "", "").status()).isEqualTo(200);
        assertThat(far.get("/v1/kv/none").status()).isEqualTo(404);
        assertThat(far.get("/v1/kv/none").headers()).containsEntry("caskade-served-by", "node-1");
        assertThat(send(far, "POST", "/v1/kv/visits?op=incr&by=5", "", "").text())
                .contains("\"value\":\"5\"");
        assertThat(send(far, "POST", "/v1/kv/a?op=incr", "", "").text()).contains("\"value\":\"2\"");
        assertThat(send(far, "DELETE", "/v1/kv/a", "If-Match: \"1000\"\r\n", "").status())
                .isEqualTo(412);
        assertThat(send(far, "DELETE", "/v1/kv/a", "", "").status()).isEqualTo(204);
        assertThat(near.get("/v1/kv/a").status()).isEqualTo(404);
        assertThat(near.get("/metrics").text()).contains("\ncaskade_proxied_requests_total 0.0\n");
        assertThat(far.get("/metrics").text())
                .containsPattern("\ncaskade_proxied_requests_total [1-9]")
                .contains("operation=\"get\",outcome=\"ok\",protocol=\"http\"");
    }

    @Test
    void aRefusalOfTheLeaderIsTheAnswer() throws Exception {
        assertThat(far.put("/v1/kv/text", "no number").status()).isEqualTo(200);

        Reply refused = send(far, "POST", "/v1/kv/text?op=incr", "", "");

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.text()).contains("WRONG_VALUE");
        assertThat(far.put("/v1/kv/", "empty key").status()).isEqualTo(400);
    }

    @Test
    void largeValuesGoThrough() throws Exception {
        String value = "v".repeat(HttpNode.MAX_VALUE_BYTES);
        for (int i = 0; i < 8; i++) {
            assertThat(far.put("/v1/kv/large" + i, value).status()).isEqualTo(200);
        }
        for (int i = 0; i < 8; i++) {
            assertThat(send(far, "GET", "/v1/kv/large" + i, "Accept: application/octet-stream\r\n", "")
                            .body())
                    .hasSize(HttpNode.MAX_VALUE_BYTES);
        }
        Awaitility.await().until(() -> far.get("/metrics").text().contains("\ncaskade_reads_held_bytes 0.0\n"));
    }

    @Test
    void aListingHasThePartitionsOfOtherNodes() throws Exception {
        for (int i = 0; i < 20; i++) {
            near.put("/v1/kv/listed" + i, "x");
        }

        Reply listed = far.get("/v1/kv?prefix=listed&keys-only=true");

        assertThat(json(listed).get("records")).hasSize(20);
        assertThat(listed.headers()).containsEntry("caskade-served-by", "node-1");
        assertThat(context(listed).position(0)).isPresent();
    }

    @Test
    void readsThatAnyReplicaMayAnswerGoToOneAndReturnWhatTheClientHasSeen() throws Exception {
        Reply put = far.put("/v1/kv/seen", "1");
        CausalContext context = context(put);
        int partition = KeySlots.partitionOf("seen".getBytes(StandardCharsets.UTF_8), PARTITIONS);
        assertThat(context.position(partition)).isPresent();

        for (String read : new String[] {"linearizable", "causal", "eventual"}) {
            for (RawHttp client : new RawHttp[] {near, far}) {
                Reply got = send(client, "GET", "/v1/kv/seen?read=" + read, "Causal-Context: " + context + "\r\n", "");
                assertThat(got.status()).as(read).isEqualTo(200);
                assertThat(context(got).covers(context)).isTrue();
            }
        }
        assertThat(far.get("/v1/kv/seen?read=soon").text()).contains("linearizable, causal or eventual");
        assertThat(send(far, "GET", "/v1/kv/seen", "Causal-Context: x!\r\n", "").status())
                .isEqualTo(400);
    }

    @Test
    void aContextOfALostHistoryIsAConflict() throws Exception {
        far.put("/v1/kv/lost", "1");
        String context = beyond("lost").toString();

        Reply lost = send(far, "GET", "/v1/kv/lost?read=causal", "Causal-Context: " + context + "\r\n", "");
        Reply ofTheStore = send(far, "GET", "/kv-store/keys/lost", "", "{\"causal-context\":\"" + context + "\"}");

        assertThat(lost.status()).isEqualTo(409);
        assertThat(lost.text()).contains("CONTEXT_LOST");
        assertThat(ofTheStore.status()).isEqualTo(409);
        assertThat(ofTheStore.text())
                .startsWith("{\"error\":\"Causal context is lost\",\"message\":\"Error in GET\",\"reason\":");
    }

    private static CausalContext context(Reply reply) {
        return CausalContext.parse(reply.headers().getOrDefault("causal-context", ""));
    }

    private static CausalContext beyond(String key) {
        return CausalContext.of(Position.newBuilder()
                .setPartition(KeySlots.partitionOf(key.getBytes(StandardCharsets.UTF_8), PARTITIONS))
                .setEpoch(1)
                .setSequence(1L << 40)
                .build());
    }

    @Test
    void theStoreIsTheSameThroughBothNodes() throws Exception {
        String address = "127.0.0.1:" + leader.port();
        JsonNode added = json(send(far, "PUT", "/kv-store/keys/x", "", "{\"value\":\"1\",\"causal-context\":\"\"}"));
        assertThat(added.get("message").asText()).isEqualTo("Added successfully");
        assertThat(added.get("replaced").asBoolean()).isFalse();
        assertThat(added.get("address").asText()).isEqualTo(address);

        Reply updated = send(near, "PUT", "/kv-store/keys/x", "", "{\"value\":\"2\",\"causal-context\":null}");
        assertThat(updated.status()).isEqualTo(200);
        assertThat(json(updated).get("message").asText()).isEqualTo("Updated successfully");
        assertThat(json(updated).get("replaced").asBoolean()).isTrue();
        assertThat(json(updated).has("address")).isFalse();

        String body = "{\"causal-context\":" + json(updated).get("causal-context") + "}";
        JsonNode got = json(send(far, "GET", "/kv-store/keys/x", "", body));
        assertThat(got.get("message").asText()).isEqualTo("Retrieved successfully");
        assertThat(got.get("doesExist").asBoolean()).isTrue();
        assertThat(got.get("value").asText()).isEqualTo("2");
        assertThat(got.get("address").asText()).isEqualTo(address);

        JsonNode deleted = json(send(far, "DELETE", "/kv-store/keys/x", "", body));
        assertThat(deleted.get("message").asText()).isEqualTo("Deleted successfully");
        assertThat(deleted.get("doesExist").asBoolean()).isTrue();
        String then = "Causal-Context: " + deleted.get("causal-context").asText() + "\r\n";
        Reply missing = send(far, "GET", "/kv-store/keys/x", then, "");
        assertThat(missing.status()).isEqualTo(404);
        assertThat(missing.text())
                .startsWith(
                        "{\"doesExist\":false,\"error\":\"Key does not exist\",\"message\":\"Error in GET\",\"causal-context\":");
        assertThat(send(far, "DELETE", "/kv-store/keys/x", "", "").text())
                .startsWith("{\"doesExist\":false,\"error\":\"Key does not exist\",\"message\":\"Error in DELETE\"");
    }

    @Test
    void aGrpcClientIsAnsweredToo() throws Exception {
        ManagedChannel channel = grpc(other);
        try {
            KeyValueGrpc.KeyValueBlockingStub foreign = KeyValueGrpc.newBlockingStub(channel);
            ByteString key = ByteString.copyFromUtf8("grpc");
            assertThat(foreign.put(PutRequest.newBuilder().setKey(key).build()).getServedBy())
                    .isEqualTo("node-1");
            GetResponse got = foreign.withDeadlineAfter(5, TimeUnit.SECONDS)
                    .get(GetRequest.newBuilder().setKey(key).build());
            assertThat(got.hasEntry()).isTrue();
            assertThat(got.getServedBy()).isEqualTo("node-1");
            assertThat(foreign.compareAndSet(CompareAndSetRequest.newBuilder()
                                    .setKey(key)
                                    .setAbsent(true)
                                    .build())
                            .getCurrent()
                            .getVersion())
                    .isEqualTo(got.getEntry().getVersion());
            assertThat(foreign.scan(ScanRequest.getDefaultInstance()).getServedBy())
                    .isEqualTo("node-1");
            assertThat(foreign.count(CountRequest.getDefaultInstance()).getServedBy())
                    .isEqualTo("node-1");

            KeyValueGrpc.KeyValueBlockingStub library =
                    foreign.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(Proxying.forbidden()));
            assertThatThrownBy(() ->
                            library.get(GetRequest.newBuilder().setKey(key).build()))
                    .satisfies(refused ->
                            assertThat(CaskadeErrors.codeOf(refused)).isEqualTo(ErrorCode.ERROR_CODE_NOT_LEADER));
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void aPipelineIsAnsweredTooUnlessItForbidsThat() throws Exception {
        ManagedChannel channel = grpc(other);
        try {
            CallBatch batch = CallBatch.newBuilder()
                    .addCalls(Call.newBuilder()
                            .setId(1)
                            .setGet(GetRequest.newBuilder().setKey(ByteString.copyFromUtf8("none"))))
                    .build();
            assertThat(replyTo(batch, KeyValueGrpc.newStub(channel)).getGet().getServedBy())
                    .isEqualTo("node-1");
            assertThat(replyTo(
                                    batch,
                                    KeyValueGrpc.newStub(channel)
                                            .withInterceptors(
                                                    MetadataUtils.newAttachHeadersInterceptor(Proxying.forbidden())))
                            .getRefused()
                            .getCode())
                    .isEqualTo(ErrorCode.ERROR_CODE_NOT_LEADER);
        } finally {
            channel.shutdownNow();
        }
    }

    private static io.caskade.api.v1.Reply replyTo(CallBatch batch, KeyValueGrpc.KeyValueStub stub) throws Exception {
        CompletableFuture<io.caskade.api.v1.Reply> reply = new CompletableFuture<>();
        StreamObserver<CallBatch> calls = stub.pipeline(new StreamObserver<>() {
            @Override
            public void onNext(ReplyBatch replies) {
                reply.complete(replies.getReplies(0));
            }

            @Override
            public void onError(Throwable failure) {
                reply.completeExceptionally(failure);
            }

            @Override
            public void onCompleted() {}
        });
        calls.onNext(batch);
        calls.onCompleted();
        return reply.get(10, TimeUnit.SECONDS);
    }

    private static ManagedChannel grpc(HttpNode node) {
        return NettyChannelBuilder.forAddress(
                        "127.0.0.1", node.node().addresses().grpc().bound().port())
                .usePlaintext()
                .build();
    }

    @Test
    void keysAreCountedWherePartitionsAre() throws Exception {
        long before = json(far.get("/kv-store/key-count")).get("key-count").asLong();
        for (int i = 0; i < 10; i++) {
            near.put("/v1/kv/counted" + i, "x");
        }

        assertThat(far.get("/kv-store/key-count").text())
                .isEqualTo("{\"message\":\"Key count retrieved successfully\",\"key-count\":" + (before + 10) + "}");
        assertThat(far.get("/kv-store/shards").text())
                .isEqualTo(
                        "{\"message\":\"Shard membership retrieved successfully\",\"shards\":[\"0\",\"1\",\"2\",\"3\"]}");
        long counted = 0;
        for (int id = 0; id < PARTITIONS; id++) {
            JsonNode shard = json(far.get("/kv-store/shards/" + id));
            assertThat(shard.get("shard-id").asText()).isEqualTo(Integer.toString(id));
            assertThat(shard.get("replicas")).hasSize(1);
            assertThat(shard.get("replicas").get(0).asText()).isEqualTo("127.0.0.1:" + leader.port());
            counted += shard.get("key-count").asLong();
        }
        assertThat(counted).isEqualTo(before + 10);
        assertThat(far.get("/kv-store/shards/4").status()).isEqualTo(404);
        assertThat(far.get("/kv-store/shards/01").status()).isEqualTo(404);
    }
}
