package io.caskade.server.listener.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.caskade.api.CaskadeErrors;
import io.caskade.api.v1.BatchCommand;
import io.caskade.api.v1.Call;
import io.caskade.api.v1.CallBatch;
import io.caskade.api.v1.CausalRead;
import io.caskade.api.v1.ErrorCode;
import io.caskade.api.v1.GetRequest;
import io.caskade.api.v1.GetResponse;
import io.caskade.api.v1.KeyValueGrpc;
import io.caskade.api.v1.Position;
import io.caskade.api.v1.Positions;
import io.caskade.api.v1.PutRequest;
import io.caskade.api.v1.ReadMode;
import io.caskade.api.v1.Reply;
import io.caskade.api.v1.ReplyBatch;
import io.caskade.api.v1.WriteBatchRequest;
import io.caskade.server.admin.UnusedAdmin;
import io.caskade.server.command.Command;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.command.WriteBatch;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.loop.EventLoops;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The listener's pipelines as a client sees them, over a real connection.
class PipelineTest {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int LARGE_BYTES = 3 << 20;
    private static final long MAX_READ_BYTES = 5 << 20;
    private static final ReadMode EVENTUAL =
            ReadMode.newBuilder().setEventual(true).build();
    private static final Positions CONTEXT = Positions.newBuilder()
            .addPositions(Position.newBuilder().setPartition(0).setEpoch(5).setSequence(6))
            .addPositions(Position.newBuilder().setPartition(1).setEpoch(4).setSequence(90))
            .build();
    private static final CommandHandler.Position POSITION = new CommandHandler.Position(0, 1, 7);

    private final EventLoops loops = EventLoops.start(2, error -> {
        throw error;
    });
    private final ScriptedCommands commands = new ScriptedCommands();
    private final RecordingClient client = new RecordingClient();
    private GrpcListener listener;
    private ManagedChannel channel;
    private StreamObserver<CallBatch> calls;

    @BeforeEach
    void open() throws Exception {
        listener = GrpcListener.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new GrpcListener.Commands(commands, commands),
                new UnusedAdmin(),
                loops,
                new ReadBudget(MAX_READ_BYTES));
        channel = NettyChannelBuilder.forAddress("127.0.0.1", listener.port())
                .usePlaintext()
                .maxInboundMessageSize(2 * LARGE_BYTES)
                .build();
        calls = KeyValueGrpc.newStub(channel).pipeline(client);
    }

    @AfterEach
    void close() throws Exception {
        channel.shutdownNow();
        channel.awaitTermination(60, TimeUnit.SECONDS);
        if (!client.ended.isDone()) {
            listener.close(LONG);
        }
        loops.close();
    }

    private static Call get(long id, String key) {
        return Call.newBuilder()
                .setId(id)
                .setGet(GetRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)))
                .build();
    }

    private static Call batch(long id, BatchCommand... commands) {
        return Call.newBuilder()
                .setId(id)
                .setWriteBatch(WriteBatchRequest.newBuilder().addAllCommands(List.of(commands)))
                .build();
    }

    private static Call read(long id, String key, ReadMode mode) {
        return Call.newBuilder()
                .setId(id)
                .setGet(get(id, key).getGet().toBuilder().setMode(mode))
                .build();
    }

    private static ReadMode causal(Positions context, int maxWaitMillis) {
        return ReadMode.newBuilder()
                .setCausal(CausalRead.newBuilder().setContext(context).setMaxWaitMs(maxWaitMillis))
                .build();
    }

    private static Call put(long id) {
        return Call.newBuilder()
                .setId(id)
                .setPut(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("key")))
                .build();
    }

    private void send(Call... batch) {
        calls.onNext(CallBatch.newBuilder().addAllCalls(List.of(batch)).build());
    }

    @Test
    void repliesOfOneTurnAreSentInOneBatch() {
        send(get(1, "a"), get(2, "missing"), get(3, "b"));

        await().until(() -> client.replies().size() == 3);
        assertThat(client.batches).hasSize(1);
        assertThat(client.replies()).extracting(Reply::getId).containsExactly(1L, 2L, 3L);
        assertThat(client.replies().get(0).getGet().getEntry().getKey().toStringUtf8())
                .isEqualTo("a");
        assertThat(client.replies().get(1).getGet().hasEntry()).isFalse();
    }

    @Test
    void aWaitingCallDoesNotBlockOthers() {
        send(put(1), get(2, "a"));

        await().until(() -> client.replies().size() == 1);
        assertThat(client.replies().getFirst().getId()).isEqualTo(2);
        commands.write.complete(written());
        await().until(() -> client.replies().size() == 2);
        assertThat(client.replies().getLast().getWrite().getVersion()).isEqualTo(7);
    }

    @Test
    void aBatchHasAReplyLikeAnyOtherCallAndAnUnknownCommandIsRefused() {
        BatchCommand put = BatchCommand.newBuilder().setPut(put(0).getPut()).build();
        send(batch(1, put, put), batch(2, BatchCommand.getDefaultInstance()), batch(3));

        await().until(() -> client.replies().size() == 3);
        assertThat(client.replies())
                .filteredOn(Reply::hasWriteBatch)
                .extracting(Reply::getId, reply -> reply.getWriteBatch().getFailedCheck())
                .containsExactlyInAnyOrder(tuple(1L, 2), tuple(3L, 0));
        assertThat(client.replies())
                .filteredOn(Reply::hasRefused)
                .extracting(Reply::getId, reply -> reply.getRefused().getCode())
                .containsExactly(tuple(2L, ErrorCode.ERROR_CODE_INVALID_ARGUMENT));
    }

    @Test
    void refusalsHaveAnErrorCodeAndInternalFaultsHaveNone() {
        send(
                get(1, "refused"),
                get(2, "fault"),
                Call.newBuilder().setId(3).build(),
                get(4, "a"),
                get(5, "hot refused"),
                get(6, "hot fault"),
                get(7, "hot a"));

        await().until(() -> client.replies().size() == 7);
        assertThat(client.replies())
                .extracting(Reply::getId, reply -> reply.getRefused().getCode(), Reply::hasGet)
                .containsExactlyInAnyOrder(
                        tuple(1L, ErrorCode.ERROR_CODE_NOT_LEADER, false),
                        tuple(2L, ErrorCode.ERROR_CODE_UNSPECIFIED, false),
                        tuple(3L, ErrorCode.ERROR_CODE_INVALID_ARGUMENT, false),
                        tuple(4L, ErrorCode.ERROR_CODE_UNSPECIFIED, true),
                        tuple(5L, ErrorCode.ERROR_CODE_NOT_LEADER, false),
                        tuple(6L, ErrorCode.ERROR_CODE_UNSPECIFIED, false),
                        tuple(7L, ErrorCode.ERROR_CODE_UNSPECIFIED, true));
    }

    @Test
    void aCausalReadThatWaitsHoldsUpNoOther() {
        send(read(1, "a", causal(CONTEXT, 300)), read(2, "b", EVENTUAL), get(3, "c"));

        await().until(() -> client.replies().size() == 2);
        assertThat(client.replies()).extracting(Reply::getId).containsExactlyInAnyOrder(2L, 3L);
        commands.caughtUp.complete(null);
        await().until(() -> client.replies().size() == 3);
        assertThat(client.replies().getLast().getGet().getPosition().getSequence())
                .isEqualTo(7);
        assertThat(commands.replicaReads).containsExactly(new ReplicaRead(4, 90, 300), ReplicaRead.EVENTUAL);
    }

    @Test
    void aCausalReadHasThePositionOfItsKeysPartitionAndWaitsForTwoSecondsUnlessItSaysOtherwise() {
        send(read(1, "bb", causal(CONTEXT, 0)), read(2, "a", causal(Positions.getDefaultInstance(), 0)));

        await().until(() -> commands.replicaReads.size() == 2);
        assertThat(commands.replicaReads)
                .containsExactly(
                        new ReplicaRead(5, 6, ReplicaRead.MAX_WAIT_MILLIS),
                        new ReplicaRead(0, 0, ReplicaRead.MAX_WAIT_MILLIS));
    }

    @Test
    void aRefusedReplicaReadSaysWhy() {
        commands.caughtUp.completeExceptionally(new CommandRefusedException(Reason.BEHIND_CONTEXT, "90 behind"));
        Positions twice =
                CONTEXT.toBuilder().addPositions(CONTEXT.getPositions(0)).build();
        send(read(1, "a", causal(CONTEXT, 1)), read(2, "a", causal(twice, 1)), read(3, "hot refused", EVENTUAL));

        await().until(() -> client.replies().size() == 3);
        assertThat(client.replies())
                .extracting(Reply::getId, reply -> reply.getRefused().getCode())
                .containsExactlyInAnyOrder(
                        tuple(1L, ErrorCode.ERROR_CODE_BEHIND_CONTEXT),
                        tuple(2L, ErrorCode.ERROR_CODE_INVALID_ARGUMENT),
                        tuple(3L, ErrorCode.ERROR_CODE_NOT_LEADER));
    }

    /// A wait that took all of the call's time would leave none to say that it was in vain.
    @Test
    void aCausalReadOfItsOwnWaitsForLessThanTheCallsTime() {
        GetRequest request = read(1, "a", causal(CONTEXT, 0)).getGet();
        commands.caughtUp.complete(null);
        GetResponse response = KeyValueGrpc.newBlockingStub(channel)
                .withDeadlineAfter(1, TimeUnit.SECONDS)
                .get(request);

        assertThat(response.getPosition().getSequence()).isEqualTo(7);
        assertThat(commands.replicaReads)
                .singleElement()
                .satisfies(read -> assertThat(read.maxWaitMillis()).isBetween(1L, 750L));
    }

    @Test
    void aClosingListenerAnswersTheCallsItReceivedAndEndsTheStream() {
        send(put(1));
        await().until(() -> commands.writes > 0);
        CompletableFuture<Boolean> closing = closing();
        await().until(() -> client.batches.stream().anyMatch(ReplyBatch::getShuttingDown));

        send(get(2, "a"));
        calls.onCompleted();
        await().until(() -> client.replies().size() == 1);
        commands.write.complete(written());

        assertThat(client.ended).succeedsWithin(LONG);
        assertThat(client.replies()).extracting(Reply::getId).containsExactly(2L, 1L);
        assertThat(closing).succeedsWithin(LONG).isEqualTo(true);
    }

    @Test
    void closingDoesNotWaitForAnIdleClient() {
        send(get(1, "a"));
        await().until(() -> client.replies().size() == 1);

        assertThat(closing()).succeedsWithin(LONG).isEqualTo(true);
    }

    /// Puts, whose key has three letters, go to partition 1 and wait; the key `a ` is of partition 0.
    @Test
    void aPartitionThatDoesNotAnswerDoesNotHoldUpCallsToOthers() {
        int many = 5000;
        for (int id = 0; id < many; id++) {
            send(put(id));
        }
        send(get(many, "a "));

        await().until(() -> client.replies().stream().anyMatch(reply -> reply.getId() == many));
        assertThat(client.replies())
                .filteredOn(Reply::hasRefused)
                .isNotEmpty()
                .extracting(reply -> reply.getRefused().getCode())
                .containsOnly(ErrorCode.ERROR_CODE_BUSY);

        commands.write.complete(written());
        await().until(() -> client.replies().size() == many + 1);
        send(put(many + 1));
        await().until(() -> client.replies().stream().anyMatch(reply -> reply.getId() == many + 1 && reply.hasWrite()));
    }

    /// A client that reads nothing: its answers fill the connection's windows and no more.
    @Test
    void valuesAreNotReadBeforeThereIsRoomForThem() {
        SlowClient slow = new SlowClient();
        KeyValueGrpc.newStub(channel).pipeline(slow);
        slow.send(IntStream.range(0, 20).mapToObj(id -> get(id, "large")).toArray(Call[]::new));

        // The others wait for it, and in vain.
        await().until(() -> commands.largeReads.get() > 0);
        await().during(Duration.ofMillis(2 * ReadBudget.MAX_WAIT_MILLIS)).until(() -> commands.largeReads.get() == 1);
        send(get(1, "a"));
        await().until(() -> client.replies().size() == 1);

        slow.readAll();
        await().until(() -> slow.replies().size() == 20);
        assertThat(commands.largeReads).hasValueLessThan(20);
        assertThat(slow.replies())
                .filteredOn(Reply::hasRefused)
                .extracting(reply -> reply.getRefused().getCode())
                .containsOnly(ErrorCode.ERROR_CODE_BUSY);
        assertThat(slow.replies())
                .filteredOn(Reply::hasGet)
                .allSatisfy(reply ->
                        assertThat(reply.getGet().getEntry().getValue().size()).isEqualTo(LARGE_BYTES));
    }

    @Test
    void aClientThatLeavesGivesItsBytesBack() throws Exception {
        SlowClient slow = new SlowClient();
        KeyValueGrpc.newStub(channel).pipeline(slow);
        slow.send(get(1, "large"), get(2, "large"));
        await().until(() -> commands.largeReads.get() > 0);
        slow.leave();

        await().untilAsserted(() -> assertThat(getLarge()).isEqualTo(LARGE_BYTES));
    }

    /// The size of a large value that is read with a call of its own.
    private int getLarge() {
        try {
            return KeyValueGrpc.newBlockingStub(channel)
                    .withMaxInboundMessageSize(2 * LARGE_BYTES)
                    .get(get(1, "large").getGet())
                    .getEntry()
                    .getValue()
                    .size();
        } catch (StatusRuntimeException e) {
            assertThat(CaskadeErrors.codeOf(e)).isEqualTo(ErrorCode.ERROR_CODE_BUSY);
            return 0;
        }
    }

    /// Whether the listener closes without cutting anything off.
    private CompletableFuture<Boolean> closing() {
        return CompletableFuture.supplyAsync(() -> {
            try {
                listener.close(LONG);
                return true;
            } catch (TimeoutException e) {
                return false;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static CommandHandler.Answer<Command.Result> written() {
        return new CommandHandler.Answer<>(new Command.Result(true, true, 7, 0, null), POSITION);
    }

    /// Writes wait until they are told; what gets do is their key's meaning.
    private static final class ScriptedCommands implements CommandHandler {

        private final CompletableFuture<Answer<Command.Result>> write = new CompletableFuture<>();
        private final AtomicInteger largeReads = new AtomicInteger();
        private final List<ReplicaRead> replicaReads = new CopyOnWriteArrayList<>();
        private final CompletableFuture<@Nullable Void> caughtUp = new CompletableFuture<>();
        private volatile int writes;

        @Override
        public StartedGet beginGet(byte[] key) {
            String text = new String(key, StandardCharsets.UTF_8);
            if (text.equals("large")) {
                return new StartedGet.NeedsDisk(LARGE_BYTES, this::readLarge);
            }
            return text.startsWith("hot")
                    ? new StartedGet.Answered(0, found(text.substring("hot ".length())))
                    : new StartedGet.NeedsDisk(0, () -> found(text));
        }

        /// One that is behind until it is told; the rest is as for others.
        @Override
        public CompletionStage<StartedGet> beginGet(byte[] key, ReplicaRead read) {
            replicaReads.add(read);
            return read.equals(ReplicaRead.EVENTUAL)
                    ? CompletableFuture.completedStage(beginGet(key))
                    : caughtUp.thenApply(_ -> beginGet(key));
        }

        private CompletionStage<Answer<@Nullable FoundRecord>> readLarge() {
            largeReads.incrementAndGet();
            return CompletableFuture.completedStage(
                    new Answer<>(new FoundRecord(new byte[1], new byte[LARGE_BYTES], 7, 0, -1), POSITION));
        }

        private static CompletionStage<Answer<@Nullable FoundRecord>> found(String key) {
            return switch (key) {
                case "missing" -> CompletableFuture.completedStage(new Answer<>(null, POSITION));
                case "refused" -> throw new CommandRefusedException(Reason.NOT_LEADER, "another node does");
                case "fault" -> throw new IllegalStateException("a fault, as the test wants it");
                default -> {
                    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
                    yield CompletableFuture.completedStage(
                            new Answer<>(new FoundRecord(bytes, new byte[0], 7, 0, -1), POSITION));
                }
            };
        }

        @Override
        public CompletionStage<Answer<Command.Result>> write(Command command) {
            writes = 1;
            return write;
        }

        @Override
        public CompletionStage<Answer<WriteBatch.Result>> write(WriteBatch batch) {
            return CompletableFuture.completedStage(
                    new Answer<>(new WriteBatch.Result(batch.commands().size(), List.of()), POSITION));
        }

        @Override
        public CompletionStage<Answer<Page>> scan(int partition, long position, int limit, byte[] prefix) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Answer<Long>> count(int partition) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long maxPageBytes() {
            return 0;
        }

        @Override
        public int partitions() {
            return 2;
        }

        @Override
        public int partitionOf(byte[] key) {
            return key.length % 2;
        }
    }

    /// Reads no reply before it is told to.
    private static final class SlowClient implements ClientResponseObserver<CallBatch, ReplyBatch> {

        private final List<Reply> replies = new CopyOnWriteArrayList<>();
        private final CompletableFuture<ClientCallStreamObserver<CallBatch>> stream = new CompletableFuture<>();

        @Override
        public void beforeStart(ClientCallStreamObserver<CallBatch> calls) {
            calls.disableAutoRequestWithInitial(0);
            stream.complete(calls);
        }

        void send(Call... batch) {
            stream.join()
                    .onNext(CallBatch.newBuilder().addAllCalls(List.of(batch)).build());
        }

        void readAll() {
            stream.join().request(Integer.MAX_VALUE);
        }

        void leave() {
            stream.join().cancel("it leaves", null);
        }

        List<Reply> replies() {
            return replies;
        }

        @Override
        public void onNext(ReplyBatch batch) {
            replies.addAll(batch.getRepliesList());
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }

    private static final class RecordingClient implements StreamObserver<ReplyBatch> {

        private final List<ReplyBatch> batches = new CopyOnWriteArrayList<>();
        private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

        List<Reply> replies() {
            return batches.stream()
                    .flatMap(batch -> batch.getRepliesList().stream())
                    .toList();
        }

        @Override
        public void onNext(ReplyBatch batch) {
            batches.add(batch);
        }

        @Override
        public void onError(Throwable failure) {
            ended.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            ended.complete(null);
        }
    }
}
