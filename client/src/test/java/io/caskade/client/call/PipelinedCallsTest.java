package io.caskade.client.call;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caskade.api.KeySlots;
import io.caskade.api.v1.Call;
import io.caskade.api.v1.Reply;
import io.caskade.client.AsyncCaskadeClient;
import io.caskade.client.Counter;
import io.caskade.client.FakeCluster;
import io.caskade.client.FakeNode;
import io.caskade.client.WriteResult;
import io.caskade.testing.FreePorts;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PipelinedCallsTest {

    private static final byte[] KEY = "key".getBytes(UTF_8);
    private static final byte[] VALUE = "value".getBytes(UTF_8);
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private FakeCluster cluster;
    private FakeNode node;
    private AsyncCaskadeClient client;

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(1);
        node = cluster.node();
        client = AsyncCaskadeClient.create(cluster.config());
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        cluster.close();
    }

    @Test
    void callsTriggeredByAReplyAreSentTogether() {
        putAllAfter(KEY, keysOf(0, 1).limit(100).toList());

        assertThat(node.calls()).isEqualTo(101);
        assertThat(node.batches()).isEqualTo(2);
        assertThat(node.pipelines()).isEqualTo(1);
    }

    @Test
    void callsToAnotherNodeTriggeredByAReplyAreSentTogetherToo() throws Exception {
        client.close();
        cluster.close();
        cluster = new FakeCluster(2);
        node = cluster.node();
        client = AsyncCaskadeClient.create(cluster.config());
        try (FakeNode other = new FakeNode(2)) {
            cluster.register("node-2", "its-start", other.port());
            cluster.lead(1, "node-2", "its-start", 1);
            List<byte[]> others = keysOf(1, 2).limit(101).toList();
            assertThat(client.put(others.getFirst(), VALUE)).succeedsWithin(TIMEOUT);

            putAllAfter(keysOf(0, 2).findFirst().orElseThrow(), others.subList(1, 101));

            assertThat(node.calls()).isEqualTo(1);
            assertThat(other.calls()).isEqualTo(101);
            assertThat(other.batches()).isEqualTo(2);
        }
    }

    private void putAllAfter(byte[] first, List<byte[]> keys) {
        CountDownLatch attached = new CountDownLatch(1);
        node.afterApplying(() -> awaitUninterruptibly(attached));
        CompletableFuture<Void> all = client.put(first, VALUE)
                .thenCompose(_ -> CompletableFuture.allOf(
                        keys.stream().map(key -> client.put(key, VALUE)).toArray(CompletableFuture<?>[]::new)));
        attached.countDown();
        assertThat(all).succeedsWithin(TIMEOUT);
    }

    private static Stream<byte[]> keysOf(int partition, int partitions) {
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> ("key-" + i).getBytes(UTF_8))
                .filter(key -> KeySlots.partitionOf(key, partitions) == partition);
    }

    @Test
    void aNodeThatShutsDownRepliesToWhatItWasSentAndGetsNoMoreCalls() {
        CountDownLatch gone = new CountDownLatch(1);
        node.afterApplying(() -> awaitUninterruptibly(gone));
        CompletableFuture<WriteResult> before = client.put(KEY, VALUE);
        await().until(() -> node.calls() == 1);

        node.announceShutdown();
        CompletableFuture<WriteResult> after = client.put(KEY, VALUE);
        gone.countDown();

        assertThat(before).succeedsWithin(TIMEOUT);
        assertThat(after).succeedsWithin(TIMEOUT);
        assertThat(client.put(KEY, VALUE)).succeedsWithin(TIMEOUT);
        assertThat(node.calls()).isEqualTo(3);
        assertThat(node.pipelines()).isEqualTo(2);
    }

    @Test
    void streamsThatFailAtOnceAreRemoved() throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", FreePorts.next())
                .usePlaintext()
                .build();
        try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
            Pipeline pipeline = new Pipeline(channel, timer);
            for (int attempt = 0; attempt < 20; attempt++) {
                CompletableFuture<Boolean> maybeSent = new CompletableFuture<>();
                pipeline.send(Call.newBuilder(), System.nanoTime() + TIMEOUT.toNanos(), new FailureRecorder(maybeSent));
                assertThat(maybeSent).succeedsWithin(TIMEOUT).isEqualTo(false);
            }

            await().untilAsserted(() -> assertThat(pipeline.streamCount()).isZero());
        } finally {
            channel.shutdownNow();
        }
    }

    /// Records whether a call that failed may have been sent.
    private record FailureRecorder(CompletableFuture<Boolean> result) implements PipelinedCall.Callback {

        @Override
        public void onReply(Reply reply) {
            result.completeExceptionally(new AssertionError("replied"));
        }

        @Override
        public void onFailure(StatusRuntimeException failure, boolean maybeSent) {
            result.complete(maybeSent);
        }

        @Override
        public boolean pollLeaderChange(long nowNanos) {
            return false;
        }
    }

    @Test
    void callsFromManyThreadsAllSucceed() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Counter>> calls = IntStream.range(0, 2000)
                    .mapToObj(_ -> threads.submit(() -> client.increment(KEY, 1).join()))
                    .toList();
            for (Future<Counter> call : calls) {
                assertThat(call).succeedsWithin(TIMEOUT);
            }
        }
        assertThat(node.record("key"))
                .hasValueSatisfying(
                        entry -> assertThat(entry.getValue().toStringUtf8()).isEqualTo("2000"));
        assertThat(node.calls()).isEqualTo(2000);
    }

    @Test
    void aLargeValueIsSentAlone() {
        byte[] large = new byte[1 << 20];

        assertThat(client.put(KEY, large)).succeedsWithin(TIMEOUT);
        assertThat(node.batches()).isZero();
        assertThat(client.get(KEY))
                .succeedsWithin(TIMEOUT)
                .satisfies(entry -> assertThat(entry)
                        .hasValueSatisfying(
                                found -> assertThat(found.value().size()).isEqualTo(large.length)));
        assertThat(node.batches()).isEqualTo(1);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
