package io.caskade.server.transport.commands;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.caskade.api.KeySlots;
import io.caskade.api.v1.Entry;
import io.caskade.api.v1.GetResponse;
import io.caskade.server.admin.AdminOperations;
import io.caskade.server.cluster.Endpoint;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expectation;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.Command.StoredRecord;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandHandler.Page;
import io.caskade.server.command.CommandHandler.Position;
import io.caskade.server.command.CommandHandler.StartedGet;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.command.WriteBatch;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.grpc.GrpcListener;
import io.caskade.server.loop.EventLoops;
import io.caskade.server.proxy.PeerCommands.Attempt;
import io.caskade.server.proxy.UnansweredException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Commands that one node puts to the listener of another.
class GrpcPeerCommandsTest {

    private static final long LONG_MILLIS = 20_000;
    private static final int LARGE_BYTES = 4 << 20;
    private static final Position POSITION = new Position(1, 3, 9);
    private static final byte[] KEY = bytes("key");

    private final EventLoops loops = EventLoops.start(1, error -> {
        throw error;
    });
    private final OtherNode other = new OtherNode();
    private final ReadBudget reads = new ReadBudget(1L << 30);
    private final GrpcPeerCommands peers = new GrpcPeerCommands(loops.group(), Runnable::run, 2);
    private GrpcListener listener;
    private NodeInfo node;

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    /// Keeps the last command, and answers what it is told to.
    private static final class OtherNode implements CommandHandler {
        private volatile @Nullable Command written;
        private volatile @Nullable WriteBatch writtenBatch;
        private volatile WriteBatch.Result batchResult = new WriteBatch.Result(0, List.of());
        private volatile @Nullable ReplicaRead read;
        private volatile CompletionStage<Answer<Command.Result>> result = new CompletableFuture<>();
        private volatile @Nullable FoundRecord found;
        private volatile @Nullable RuntimeException failure;

        private void failIfTold() {
            RuntimeException told = failure;
            if (told != null) {
                throw told;
            }
        }

        @Override
        public int partitions() {
            return 2;
        }

        @Override
        public int partitionOf(byte[] key) {
            return KeySlots.partitionOf(key, partitions());
        }

        @Override
        public StartedGet beginGet(byte[] key) {
            failIfTold();
            FoundRecord record = found;
            return new StartedGet.Answered(
                    record == null ? 0 : record.value().length,
                    CompletableFuture.completedStage(new Answer<>(record, POSITION)));
        }

        @Override
        public CompletionStage<StartedGet> beginGet(byte[] key, ReplicaRead asked) {
            read = asked;
            return CompletableFuture.completedStage(beginGet(key));
        }

        @Override
        public CompletionStage<Answer<Command.Result>> write(Command command) {
            written = command;
            failIfTold();
            return result;
        }

        @Override
        public CompletionStage<Answer<WriteBatch.Result>> write(WriteBatch batch) {
            writtenBatch = batch;
            failIfTold();
            return CompletableFuture.completedStage(new Answer<>(batchResult, POSITION));
        }

        @Override
        public CompletionStage<Answer<Page>> scan(int partition, long position, int limit, byte[] prefix) {
            FoundRecord record = new FoundRecord(prefix, bytes(partition + "," + position + "," + limit), 7, 0, -1);
            return CompletableFuture.completedStage(new Answer<>(new Page(List.of(record), 5), POSITION));
        }

        @Override
        public CompletionStage<Answer<Long>> count(int partition) {
            return CompletableFuture.completedStage(new Answer<>(40L + partition, POSITION));
        }

        @Override
        public long maxPageBytes() {
            return 0;
        }
    }

    @BeforeEach
    void open() throws Exception {
        AdminOperations admin = AdminOperations.class.cast(Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {AdminOperations.class}, (_, method, _) -> {
                    throw new UnsupportedOperationException(method.toString());
                }));
        listener = GrpcListener.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new GrpcListener.Commands(unasked(), other),
                admin,
                loops,
                reads);
        node = new NodeInfo("a", "a-1", "", new Endpoint("127.0.0.1", listener.port()), null, null, null, "test");
    }

    /// What would pass a call on for a second time.
    private CommandHandler unasked() {
        return CommandHandler.class.cast(Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {CommandHandler.class}, (_, method, _) -> {
                    throw new UnsupportedOperationException(method.toString());
                }));
    }

    @AfterEach
    void close() throws Exception {
        peers.close();
        listener.close(Duration.ofSeconds(1));
        loops.close();
    }

    private static <T> T await(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(LONG_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static List<Command> commands() {
        return List.of(
                new Command.Put(KEY, bytes("value"), new Expiry.After(5), new Condition.Version(3)),
                new Command.Put(KEY, bytes("value"), new Expiry.At(77), new Condition.Absent()),
                new Command.Put(KEY, new byte[0], new Expiry.Keep(), new Condition.Present()),
                new Command.Put(KEY, bytes("value"), new Expiry.Never(), new Condition.None()),
                new Command.Delete(KEY, new Condition.Version(4)),
                new Command.Expire(KEY, new Expiry.After(9)),
                new Command.Persist(KEY),
                new Command.Increment(KEY, -12),
                new Command.CompareAndSet(KEY, new Expectation.Absent(), bytes("value"), new Expiry.Never()),
                new Command.CompareAndSet(KEY, new Expectation.Version(8), bytes("value"), new Expiry.After(1)),
                new Command.CompareAndSet(
                        KEY, new Expectation.Value(bytes("old")), bytes("value"), new Expiry.Never()));
    }

    private static Command.Result result(Command command) {
        boolean counts = command instanceof Command.Increment;
        boolean swaps = command instanceof Command.CompareAndSet;
        return new Command.Result(
                counts || !swaps,
                !counts,
                9,
                counts ? 12 : 0,
                swaps ? new StoredRecord(bytes("current"), 6, 88) : null);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void aWriteArrivesAsItIsAndSoDoesItsResult(Command command) throws Exception {
        Command.Result result = result(command);
        other.result = CompletableFuture.completedStage(new Answer<>(result, POSITION));

        Answer<Command.Result> answer =
                await(peers.write(node, command, LONG_MILLIS).answer());

        assertThat(other.written).usingRecursiveComparison().isEqualTo(command);
        assertThat(answer.value()).usingRecursiveComparison().isEqualTo(result);
        assertThat(answer.position()).isEqualTo(POSITION);
        assertThat(answer.servedBy()).isEqualTo("a");
    }

    @Test
    void aBatchArrivesAsItIsAndSoDoItsResults() throws Exception {
        WriteBatch batch = new WriteBatch(
                List.of(
                        new WriteBatch.Check(KEY, new Condition.Absent()),
                        new WriteBatch.Check(bytes("other"), new Condition.Version(7))),
                commands());
        other.batchResult = new WriteBatch.Result(
                -1,
                commands().stream()
                        .<WriteBatch.Outcome>map(command -> command instanceof Command.Persist
                                ? new WriteBatch.Outcome.Refused(Reason.OVERFLOW, "too large")
                                : new WriteBatch.Outcome.Done(result(command)))
                        .toList());

        Answer<WriteBatch.Result> answer =
                await(peers.write(node, batch, LONG_MILLIS).answer());

        assertThat(other.writtenBatch).usingRecursiveComparison().isEqualTo(batch);
        assertThat(answer.value()).usingRecursiveComparison().isEqualTo(other.batchResult);
        assertThat(answer.position()).isEqualTo(POSITION);
        assertThat(answer.servedBy()).isEqualTo("a");
    }

    @Test
    void aCheckThatDoesNotHoldIsNamedByItsIndex() throws Exception {
        other.batchResult = new WriteBatch.Result(1, List.of());
        WriteBatch.Check check = new WriteBatch.Check(KEY, new Condition.Present());

        Answer<WriteBatch.Result> answer =
                await(peers.write(node, new WriteBatch(List.of(check, check), List.of()), LONG_MILLIS)
                        .answer());

        assertThat(answer.value()).isEqualTo(new WriteBatch.Result(1, List.of()));
    }

    @Test
    void aSmallRecordIsThereAtOnce() throws Exception {
        other.found = new FoundRecord(KEY, bytes("value"), 7, 99, 42);

        StartedGet started =
                await(peers.get(node, KEY, null, false, LONG_MILLIS).answer());

        assertThat(started).isInstanceOf(StartedGet.Answered.class);
        assertThat(await(started.finish()).value()).usingRecursiveComparison().isEqualTo(other.found);
        other.found = null;
        assertThat(await(await(peers.get(node, KEY, null, false, LONG_MILLIS).answer())
                                .finish())
                        .value())
                .isNull();
    }

    @Test
    void aLargeRecordWaitsForRoom() throws Exception {
        byte[] value = new byte[LARGE_BYTES];
        Arrays.fill(value, (byte) 'v');
        other.found = new FoundRecord(KEY, value, 7, 0, -1);

        StartedGet started =
                await(peers.get(node, KEY, null, false, LONG_MILLIS).answer());

        assertThat(started).isInstanceOf(StartedGet.AtPeer.class);
        assertThat(started.bytes()).isGreaterThanOrEqualTo(LARGE_BYTES);
        assertThat(Objects.requireNonNull(await(started.finish()).value()).value())
                .isEqualTo(value);
    }

    @Test
    void aRecordWithoutItsValueIsSmall() throws Exception {
        other.found = new FoundRecord(KEY, new byte[LARGE_BYTES], 7, 99, 42);

        StartedGet started = await(peers.get(node, KEY, null, true, LONG_MILLIS).answer());

        assertThat(started).isInstanceOf(StartedGet.Answered.class);
        assertThat(await(started.finish()).value())
                .usingRecursiveComparison()
                .isEqualTo(new FoundRecord(KEY, new byte[0], LARGE_BYTES, 7, 99, 42));
    }

    /// It knows no field that says so.
    @Test
    void anOlderNodeSendsTheValueWhateverItIsAsked() {
        GetResponse response = GetResponse.newBuilder()
                .setEntry(Entry.newBuilder()
                        .setKey(ByteString.copyFrom(KEY))
                        .setValue(ByteString.copyFromUtf8("value"))
                        .setVersion(7))
                .build();

        assertThat(CommandCodec.found(response))
                .usingRecursiveComparison()
                .isEqualTo(new FoundRecord(KEY, bytes("value"), 7, 0, -1));
    }

    @Test
    void aLargeRecordThatIsNotFetchedSoonIsGivenUp() throws Exception {
        other.found = new FoundRecord(KEY, new byte[LARGE_BYTES], 7, 0, -1);
        StartedGet started =
                await(peers.get(node, KEY, null, false, LONG_MILLIS).answer());

        Awaitility.await().until(() -> reads.used() == 0);

        assertThatThrownBy(() -> await(started.finish()))
                .cause()
                .isInstanceOfSatisfying(
                        CommandRefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.NOT_SERVING));
    }

    @Test
    void aReadOfAnyReplicaSaysWhatItDemands() throws Exception {
        await(peers.get(node, KEY, ReplicaRead.EVENTUAL, false, LONG_MILLIS).answer());
        assertThat(other.read).isEqualTo(ReplicaRead.EVENTUAL);

        ReplicaRead causal = new ReplicaRead(3, 17, 250);
        await(peers.get(node, KEY, causal, false, LONG_MILLIS).answer());
        assertThat(other.read).isEqualTo(causal);
    }

    @Test
    void aPageAndACountArrive() throws Exception {
        Answer<Page> page =
                await(peers.scan(node, 1, 6, 30, bytes("pre"), LONG_MILLIS).answer());
        assertThat(page.value().next()).isEqualTo(5);
        assertThat(page.value().records().getFirst().value()).isEqualTo(bytes("1,6,30"));
        assertThat(await(peers.count(node, 1, LONG_MILLIS).answer()).value()).isEqualTo(41);
    }

    private static Throwable failureOf(Attempt<?> attempt) {
        try {
            attempt.answer()
                    .toCompletableFuture()
                    .orTimeout(LONG_MILLIS, TimeUnit.MILLISECONDS)
                    .join();
            throw new AssertionError("it was answered");
        } catch (CompletionException e) {
            return Objects.requireNonNull(e.getCause());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRefusalArrivesAsItIs(Reason reason) {
        other.failure = new CommandRefusedException(reason, "partition 1: for a reason");

        assertThat(failureOf(peers.write(node, new Command.Persist(KEY), LONG_MILLIS)))
                .isInstanceOfSatisfying(CommandRefusedException.class, refused -> {
                    assertThat(refused.reason()).isEqualTo(reason);
                    assertThat(refused).hasMessage("partition 1: for a reason");
                });
        assertThat(failureOf(peers.get(node, KEY, null, false, LONG_MILLIS)))
                .isInstanceOf(CommandRefusedException.class);
    }

    @Test
    void aNodeThatDoesNotListenHasReceivedNothing() throws Exception {
        listener.close(Duration.ofSeconds(1));

        assertThat(failureOf(peers.write(node, new Command.Persist(KEY), LONG_MILLIS)))
                .isInstanceOfSatisfying(
                        UnansweredException.class,
                        lost -> assertThat(lost.maybeReceived()).isFalse());
    }

    @Test
    void aNodeThatIsSilentMayHaveReceivedIt() {
        assertThat(failureOf(peers.write(node, new Command.Persist(KEY), 300)))
                .isInstanceOfSatisfying(UnansweredException.class, lost -> {
                    assertThat(lost.maybeReceived()).isTrue();
                    assertThat(lost).hasMessage("did not answer in time");
                });
    }

    @Test
    void aDefectOfTheOtherNodeLeavesTheOutcomeOpen() {
        other.failure = new IllegalStateException("a defect");

        assertThat(failureOf(peers.write(node, new Command.Persist(KEY), LONG_MILLIS)))
                .isInstanceOfSatisfying(
                        UnansweredException.class,
                        lost -> assertThat(lost.maybeReceived()).isTrue());
    }
}
