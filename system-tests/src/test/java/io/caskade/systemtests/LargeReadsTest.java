package io.caskade.systemtests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.caskade.api.v1.Call;
import io.caskade.api.v1.CallBatch;
import io.caskade.api.v1.ErrorCode;
import io.caskade.api.v1.GetRequest;
import io.caskade.api.v1.KeyValueGrpc;
import io.caskade.api.v1.Reply;
import io.caskade.api.v1.ReplyBatch;
import io.caskade.client.Bytes;
import io.caskade.client.CaskadeClient;
import io.caskade.client.Entry;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node with the heap that its start script gives it, and clients that ask for more than fits into it.
class LargeReadsTest {

    private static final Duration LONG = Duration.ofMinutes(3);
    private static final String DEFAULT_HEAP = "-Xmx512m";
    private static final int VALUES = 64;
    private static final int VALUE_BYTES = 8 << 20;
    private static final int CLIENTS = 10;

    private static final int WANTED = 4;

    /// How long a slow client waits before it reads another message.
    private static final long PAUSE_MILLIS = 50;

    @TempDir
    private Path directory = Path.of("");

    private static byte[] key(int number) {
        return ("large-" + number).getBytes(UTF_8);
    }

    @Test
    void slowClientsThatAskForEverythingAtOnceDoNotExhaustTheHeap() throws Exception {
        StandaloneFiles files = StandaloneFiles.in(directory);
        try (NodeProcess node = NodeProcess.start(files.configuration(), files.log(), DEFAULT_HEAP);
                CaskadeClient client = files.client(Duration.ofSeconds(20))) {
            byte[] value = new byte[VALUE_BYTES];
            for (int i = 0; i < VALUES; i++) {
                value[0] = (byte) i;
                value[VALUE_BYTES - 1] = (byte) i;
                client.put(key(i), value);
            }
            List<SlowClient> slow = new ArrayList<>();
            try {
                for (int i = 0; i < CLIENTS; i++) {
                    slow.add(new SlowClient(files.grpcPort()));
                }
                AtomicBoolean done = new AtomicBoolean();
                CompletableFuture<Integer> traffic = CompletableFuture.supplyAsync(() -> smallTraffic(client, done));

                slow.forEach(SlowClient::askForEverything);
                await().atMost(LONG).until(() -> slow.stream().allMatch(SlowClient::hasAllReplies));

                done.set(true);
                assertThat(traffic)
                        .succeedsWithin(LONG)
                        .satisfies(count -> assertThat(count).isPositive());
                slow.forEach(SlowClient::assertRightOrBusy);
            } finally {
                slow.forEach(SlowClient::close);
            }
            assertThat(client.get(key(1))).isPresent();
            assertThat(node.terminate()).isZero();
            assertThat(node.logged()).doesNotContain("OutOfMemory", "ERROR");
        }
    }

    /// Puts and gets a small value, over and over.
    ///
    /// @return how often
    private static int smallTraffic(CaskadeClient client, AtomicBoolean done) {
        int count = 0;
        byte[] key = "small".getBytes(UTF_8);
        do {
            byte[] value = Integer.toString(count).getBytes(UTF_8);
            client.put(key, value);
            assertThat(client.get(key).map(Entry::value)).hasValue(Bytes.of(value));
            count++;
        } while (!done.get());
        return count;
    }

    /// Asks for all values with one message, and reads one message of replies at a time, with pauses. What is
    /// refused it asks for again until it has some values.
    private static final class SlowClient implements ClientResponseObserver<CallBatch, ReplyBatch> {

        private final ManagedChannel channel;
        private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        private final AtomicInteger right = new AtomicInteger();
        private final AtomicInteger answered = new AtomicInteger();
        private final List<String> wrong = new ArrayList<>();
        private @Nullable ClientCallStreamObserver<CallBatch> calls;

        SlowClient(int port) {
            channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                    .usePlaintext()
                    .maxInboundMessageSize(4 * VALUE_BYTES)
                    .build();
            KeyValueGrpc.newStub(channel).pipeline(this);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<CallBatch> stream) {
            stream.disableAutoRequestWithInitial(1);
            calls = stream;
        }

        void askForEverything() {
            ask(IntStream.range(0, VALUES).toArray());
        }

        private void ask(int... numbers) {
            CallBatch.Builder batch = CallBatch.newBuilder();
            for (int number : numbers) {
                batch.addCalls(Call.newBuilder()
                        .setId(number)
                        .setGet(GetRequest.newBuilder().setKey(ByteString.copyFrom(key(number)))));
            }
            stream().onNext(batch.build());
        }

        private ClientCallStreamObserver<CallBatch> stream() {
            ClientCallStreamObserver<CallBatch> open = calls;
            if (open == null) {
                throw new IllegalStateException("the stream has not begun");
            }
            return open;
        }

        @Override
        public void onNext(ReplyBatch batch) {
            batch.getRepliesList().forEach(this::check);
            var _ = timer.schedule(() -> stream().request(1), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }

        private void check(Reply reply) {
            ByteString value = reply.getGet().getEntry().getValue();
            boolean isRight = reply.hasGet()
                    && value.size() == VALUE_BYTES
                    && value.byteAt(0) == (byte) reply.getId()
                    && value.byteAt(VALUE_BYTES - 1) == (byte) reply.getId();
            boolean isBusy = reply.getRefused().getCode() == ErrorCode.ERROR_CODE_BUSY;
            if (isBusy && right.get() < WANTED) {
                ask((int) reply.getId());
            } else if (isRight || isBusy) {
                right.addAndGet(isRight ? 1 : 0);
                answered.incrementAndGet();
            } else {
                fail("reply " + reply.getId() + ": " + reply.getRefused());
            }
        }

        private synchronized void fail(String what) {
            wrong.add(what);
        }

        @Override
        public void onError(Throwable failure) {
            fail(failure.toString());
        }

        @Override
        public void onCompleted() {}

        synchronized boolean hasAllReplies() {
            return answered.get() == VALUES || !wrong.isEmpty();
        }

        synchronized void assertRightOrBusy() {
            assertThat(wrong).isEmpty();
            assertThat(right).hasValueGreaterThanOrEqualTo(WANTED);
        }

        void close() {
            timer.shutdownNow();
            channel.shutdownNow();
        }
    }
}
