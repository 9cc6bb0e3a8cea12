package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caskade.server.admin.UnusedAdmin;
import io.caskade.server.cluster.SessionState;
import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Result;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.command.RequestDeadline;
import io.caskade.server.command.WriteBatch;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.redis.command.Membership;
import io.caskade.server.listener.redis.command.ServerIdentity;
import io.caskade.server.loop.EventLoops;
import io.caskade.server.metrics.NodeMetrics;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The listener over commands that are refused, hang or fail, and with clients that do not behave.
class RedisRefusalTest {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int MAX_VALUE_BYTES = 1 << 20;
    private static final int MAX_READ_BYTES = 20 << 20;

    private final EventLoops loops = EventLoops.start(2, error -> {
        throw error;
    });
    private final ScriptedCommands commands = new ScriptedCommands();
    private final ReadBudget reads = new ReadBudget(MAX_READ_BYTES);
    private final NodeMetrics metrics = new NodeMetrics(new UnusedAdmin(), Optional::empty, reads::used);
    private RedisListener listener;
    private RawRedis redis;

    private static final class ScriptedCommands implements CommandHandler {

        private static final Position POSITION = new Position(0, 1, 7);

        private volatile @Nullable RuntimeException failure;
        private volatile boolean failsLater;
        private volatile byte[] value = new byte[1];
        private volatile boolean keepsOrder;
        private volatile Page page = new Page(List.of(), 0);
        private volatile boolean answersWrites;

        /// Completes when reads may; null for at once.
        private volatile @Nullable CompletableFuture<Void> readsWait;

        /// How long the last write might wait for a leader; negative for as long as it takes.
        private volatile long leftMillis;
        private final Queue<CompletableFuture<Answer<Result>>> writes = new ConcurrentLinkedQueue<>();
        private final Queue<AskedBatch> batches = new ConcurrentLinkedQueue<>();

        private record AskedBatch(WriteBatch batch, CompletableFuture<Answer<WriteBatch.Result>> answer) {

            /// All its commands are applied.
            void apply() {
                List<WriteBatch.Outcome> outcomes = batch.commands().stream()
                        .<WriteBatch.Outcome>map(_ -> new WriteBatch.Outcome.Done(new Result(true, true, 8, 0, null)))
                        .toList();
                answer.complete(new Answer<>(new WriteBatch.Result(-1, outcomes), POSITION));
            }

            void failCheck(int index) {
                answer.complete(new Answer<>(new WriteBatch.Result(index, List.of()), POSITION));
            }
        }

        private <T> CompletionStage<T> failOr(CompletionStage<T> stage) {
            RuntimeException refused = failure;
            if (refused == null) {
                return stage;
            }
            if (failsLater) {
                return CompletableFuture.failedFuture(refused);
            }
            throw refused;
        }

        void answerNext(boolean applied) {
            CompletableFuture<Answer<Result>> next = writes.remove();
            next.complete(new Answer<>(new Result(applied, applied, 8, 0, null), POSITION));
        }

        @Override
        public int partitions() {
            return 1;
        }

        @Override
        public int partitionOf(byte[] key) {
            return 0;
        }

        @Override
        public StartedGet beginGet(byte[] key) {
            CompletionStage<Answer<@Nullable FoundRecord>> found =
                    CompletableFuture.completedStage(new Answer<>(new FoundRecord(key, value, 7, 0, -1), POSITION));
            CompletableFuture<Void> turn = readsWait;
            return new StartedGet.NeedsDisk(
                    value.length, () -> failOr(turn == null ? found : turn.thenCompose(_ -> found)));
        }

        @Override
        public StartedGet beginGetInfo(byte[] key) {
            FoundRecord found = new FoundRecord(key, new byte[0], MAX_VALUE_BYTES, 7, 0, -1);
            return new StartedGet.Answered(0, failOr(CompletableFuture.completedStage(new Answer<>(found, POSITION))));
        }

        @Override
        public CompletionStage<StartedGet> beginGet(byte[] key, ReplicaRead read) {
            return CompletableFuture.completedStage(beginGet(key));
        }

        @Override
        public CompletionStage<Answer<Result>> write(Command command) {
            leftMillis = RequestDeadline.leftMillis(System::nanoTime, -1);
            CompletableFuture<Answer<Result>> write = new CompletableFuture<>();
            CompletionStage<Answer<Result>> answer = failOr(write);
            writes.add(write);
            if (answersWrites) {
                answerNext(true);
            }
            return answer;
        }

        @Override
        public CompletionStage<Answer<Result>> writeInOrder(Command command) {
            return keepsOrder ? write(command) : CommandHandler.super.writeInOrder(command);
        }

        @Override
        public CompletionStage<Answer<WriteBatch.Result>> write(WriteBatch batch) {
            leftMillis = RequestDeadline.leftMillis(System::nanoTime, -1);
            CompletableFuture<Answer<WriteBatch.Result>> write = new CompletableFuture<>();
            CompletionStage<Answer<WriteBatch.Result>> answer = failOr(write);
            batches.add(new AskedBatch(batch, write));
            return answer;
        }

        AskedBatch nextBatch() {
            await().until(() -> !batches.isEmpty());
            return batches.remove();
        }

        @Override
        public CompletionStage<Answer<Page>> scan(int partition, long position, int limit, byte[] prefix) {
            return failOr(CompletableFuture.completedStage(new Answer<>(page, POSITION)));
        }

        @Override
        public CompletionStage<Answer<Long>> count(int partition) {
            return failOr(CompletableFuture.completedStage(new Answer<>(3L, POSITION)));
        }

        @Override
        public long maxPageBytes() {
            return 1 << 20;
        }
    }

    @BeforeEach
    void open() throws Exception {
        open(2, LONG);
    }

    private void open(int maxClients, Duration time) throws Exception {
        listener = RedisListener.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                commands,
                new ServerIdentity(
                        "node-1",
                        "incarnation",
                        "test",
                        Optional::empty,
                        new Membership(() -> SessionState.CONNECTED, _ -> true),
                        true),
                false,
                metrics,
                loops,
                reads,
                new RedisListener.Limits(MAX_VALUE_BYTES, 2 * MAX_VALUE_BYTES, maxClients, true, time));
        redis = new RawRedis(listener.port());
    }

    @AfterEach
    void close() throws Exception {
        redis.close();
        commands.writes.forEach(write -> write.cancel(false));
        commands.batches.forEach(batch -> batch.answer().cancel(false));
        listener.close(LONG);
        metrics.close();
        loops.close();
    }

    private void refuse(Reason reason, boolean later) {
        commands.failsLater = later;
        commands.failure = new CommandRefusedException(reason, "partition 0:\r\nfor a reason");
    }

    @ParameterizedTest
    @CsvSource({
        "INVALID_ARGUMENT, ERR, ERR",
        "WRONG_VALUE, ERR, ERR",
        "OVERFLOW, ERR, ERR",
        "NOT_LEADER, CLUSTERDOWN, CLUSTERDOWN",
        "NOT_SERVING, CLUSTERDOWN, CLUSTERDOWN",
        "NOT_ENOUGH_REPLICAS, NOREPLICAS, NOREPLICAS",
        "BUSY, TRYAGAIN, TRYAGAIN",
        "DISK_FULL, MISCONF, MISCONF",
        "KEYDIR_FULL, OOM, OOM",
        "OUTCOME_UNKNOWN, ERR outcome unknown: the write may have been applied, ERR outcome unknown",
        "COPY_FENCED, ERR outcome unknown: the write may have been applied, CLUSTERDOWN",
        "BEHIND_CONTEXT, TRYAGAIN, TRYAGAIN"
    })
    void eachReasonOfARefusalHasItsError(Reason reason, String write, String read) throws Exception {
        for (boolean later : new boolean[] {false, true}) {
            refuse(reason, later);

            assertThat(redis.ask("SET k v")).startsWith("(error) " + write).endsWith("partition 0:  for a reason");
            assertThat(redis.ask("DEL a b")).startsWith("(error) " + write);
            assertThat(redis.ask("GET k")).startsWith("(error) " + read).endsWith("partition 0:  for a reason");
            assertThat(redis.ask("MGET a b")).startsWith("(error) " + read);
            assertThat(redis.ask("SCAN 0")).startsWith("(error) " + read);
            assertThat(redis.ask("DBSIZE")).startsWith("(error) " + read);
            assertThat(redis.ask("INFO keyspace")).isEqualTo("\"# Keyspace\r\n\"");
        }
    }

    @Test
    void aDefectIsNotShown() throws Exception {
        commands.failure = new IllegalStateException("secret");

        assertThat(redis.ask("GET k")).isEqualTo("(error) ERR internal error; see the node's log");
        assertThat(redis.ask("SET k v"))
                .isEqualTo("(error) ERR outcome unknown: the write may have been applied, or may still be;"
                        + " internal error; see the node's log");
    }

    @Test
    void aWriteThatIsNotAnsweredInTimeHasAnUnknownOutcome() throws Exception {
        redis.close();
        listener.close(LONG);
        open(2, Duration.ofMillis(100));

        assertThat(redis.ask("SET k v"))
                .isEqualTo("(error) ERR outcome unknown: the write may have been applied, or may still be;"
                        + " the partition did not answer in time");
        assertThat(redis.ask("PING")).isEqualTo("PONG");
    }

    @Test
    void aWriteThatWasNotSentInTimeWasNotDone() throws Exception {
        redis.close();
        listener.close(LONG);
        open(2, Duration.ofMillis(100));
        redis.send("SET k 1\r\nSET k 2\r\nSET k 3\r\n");

        assertThat(redis.read()).startsWith("(error) ERR outcome unknown: the write may have been applied");
        for (int i = 0; i < 2; i++) {
            assertThat(redis.read())
                    .isEqualTo("(error) TRYAGAIN the partition did not answer in time; nothing was done");
        }
        commands.answerNext(true);
        assertThat(redis.ask("PING")).isEqualTo("PONG");
        assertThat(commands.writes).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"APPEND k x", "BITOP NOT l k", "RENAME k l", "SETRANGE k 3 x", "EXPIRE k 7 NX"})
    void aChangeThatCouldNotReadInTimeWasNotDone(String command) throws Exception {
        redis.close();
        listener.close(LONG);
        open(2, Duration.ofMillis(100));
        CompletableFuture<Void> turn = new CompletableFuture<>();
        commands.readsWait = turn;

        assertThat(redis.ask(command))
                .isEqualTo("(error) TRYAGAIN the partition did not answer in time; nothing was done");
        turn.complete(null);
        await().until(() -> reads.used() == 0);
        assertThat(redis.ask("PING")).isEqualTo("PONG");
        assertThat(commands.writes).isEmpty();
        assertThat(commands.batches).isEmpty();
    }

    /// The request has one time limit, not one for each step.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "APPEND k x",
                "BITOP NOT l k",
                "BITOP AND k k l",
                "RENAME k l",
                "MULTI\r\nAPPEND k x\r\nEXEC",
                "SET k 1"
            })
    void whatIsWrittenAfterOtherStepsHasTheTimeThatIsLeft(String command) throws Exception {
        commands.leftMillis = -1;
        redis.send(command + "\r\n");
        await().until(() -> !commands.writes.isEmpty() || !commands.batches.isEmpty());

        assertThat(commands.leftMillis).isBetween(1L, LONG.toMillis());
    }

    @Test
    void aTransactionThatCouldNotReadInTimeWasNotDone() throws Exception {
        redis.close();
        listener.close(LONG);
        open(2, Duration.ofMillis(100));
        CompletableFuture<Void> turn = new CompletableFuture<>();
        commands.readsWait = turn;
        redis.send("MULTI\r\nAPPEND k x\r\nEXEC\r\n");

        assertThat(redis.read()).isEqualTo("OK");
        assertThat(redis.read()).isEqualTo("QUEUED");
        assertThat(redis.read()).startsWith("(error) TRYAGAIN the partition did not answer in time; nothing");
        turn.complete(null);
        assertThat(redis.ask("PING")).isEqualTo("PONG");
        assertThat(commands.batches).isEmpty();
    }

    @Test
    void aChangeThatLosesIsTriedAgain() throws Exception {
        redis.send("APPEND k v\r\n");
        for (boolean applied : new boolean[] {false, false, true}) {
            await().until(() -> !commands.writes.isEmpty());
            commands.answerNext(applied);
        }

        assertThat(redis.read()).isEqualTo("(integer) 2");
        await().until(() -> reads.used() == 0);
    }

    @ParameterizedTest
    @CsvSource({
        "STRLEN k, (integer) 1048576",
        "EXISTS k, (integer) 1",
        "EXISTS k l, (integer) 2",
        "TOUCH k l, (integer) 2",
        "TYPE k, string",
        "TTL k, (integer) -1",
        "PTTL k, (integer) -1",
        "EXPIRETIME k, (integer) -1",
        "PEXPIRETIME k, (integer) -1",
        "OBJECT REFCOUNT k, (integer) 1",
        "OBJECT IDLETIME k, (integer) 0",
        "MEMORY USAGE k, (integer) 1048657",
        "WATCH k l, OK",
        "RENAME k k, OK"
    })
    void whatIsToBeKnownOfAKeyNeedsNoValue(String command, String reply) throws Exception {
        CompletableFuture<Void> never = new CompletableFuture<>();
        commands.readsWait = never;

        assertThat(redis.ask(command)).isEqualTo(reply);
        assertThat(reads.used()).isZero();
    }

    @Test
    void whatIsToBeKnownOfAKeyNeedsNoValueInATransactionEither() throws Exception {
        CompletableFuture<Void> never = new CompletableFuture<>();
        commands.readsWait = never;
        redis.send("MULTI\r\nSTRLEN k\r\nTTL k\r\nEXEC\r\n");

        assertThat(redis.read()).isEqualTo("OK");
        assertThat(redis.read()).isEqualTo("QUEUED");
        assertThat(redis.read()).isEqualTo("QUEUED");
        assertThat(redis.read()).isEqualTo("[(integer) 1048576, (integer) -1]");
        assertThat(reads.used()).isZero();
    }

    @Test
    void whatIsSoAlreadyIsNotWritten() throws Exception {
        commands.value = new byte[] {0x14};

        assertThat(redis.ask("SETBIT k 3 1")).isEqualTo("(integer) 1");
        assertThat(redis.ask("BITFIELD k SET u4 4 4")).isEqualTo("[(integer) 4]");
        assertThat(redis.ask("BITFIELD k INCRBY u4 4 0 GET u4 4")).isEqualTo("[(integer) 4, (integer) 4]");
        assertThat(commands.writes).isEmpty();
    }

    @Test
    void whatCannotBeDeletedInTimeIsLeft() throws Exception {
        redis.close();
        listener.close(LONG);
        open(2, Duration.ofMillis(100));
        CommandHandler.FoundRecord record = new CommandHandler.FoundRecord(new byte[1], new byte[0], 7, 0, -1);
        commands.page = new CommandHandler.Page(List.of(record), 5);
        commands.answersWrites = true;

        assertThat(redis.ask("FLUSHALL"))
                .isEqualTo("(error) TRYAGAIN there are too many keys to delete at once; many were deleted, go on by"
                        + " calling it again");
    }

    @Test
    void aChangeWhoseOutcomeIsUnknownIsNotTriedAgain() throws Exception {
        redis.send("APPEND k v\r\n");
        await().until(() -> !commands.writes.isEmpty());

        commands.writes.remove().completeExceptionally(new CommandRefusedException(Reason.OUTCOME_UNKNOWN, "gone"));

        assertThat(redis.read()).startsWith("(error) ERR outcome unknown");
        assertThat(redis.ask("PING")).isEqualTo("PONG");
        assertThat(commands.writes).isEmpty();
    }

    @Test
    void writesThatAnotherNodeMustExecuteGoOnTogetherAndThoseOfOneKeyInTurn() throws Exception {
        redis.send("SET a 1\r\nSET b 1\r\nSET a 2\r\nSET c 1\r\n");
        await().until(() -> commands.writes.size() == 3);

        commands.answerNext(true);
        await().until(() -> commands.writes.size() == 3);
        for (int i = 0; i < 3; i++) {
            commands.answerNext(true);
        }

        for (int i = 0; i < 4; i++) {
            assertThat(redis.read()).isEqualTo("OK");
        }
        assertThat(commands.writes).isEmpty();
    }

    @Test
    void writesThatThisNodeExecutesWaitForNoneAndReadsForThem() throws Exception {
        commands.keepsOrder = true;
        redis.send("SET a 1\r\nSETNX a 2\r\nINCR a\r\nGET a\r\nAPPEND a 3\r\n");
        await().until(() -> commands.writes.size() == 3);

        for (int i = 0; i < 3; i++) {
            commands.answerNext(true);
        }

        assertThat(redis.read()).isEqualTo("OK");
        assertThat(redis.read()).isEqualTo("(integer) 1");
        assertThat(redis.read()).isEqualTo("(integer) 0");
        assertThat(redis.read()).isEqualTo("\"\0\"");
        await().until(() -> commands.writes.size() == 1);
        commands.answerNext(true);
        assertThat(redis.read()).isEqualTo("(integer) 2");
    }

    @ParameterizedTest
    @CsvSource({
        "INVALID_ARGUMENT, EXECABORT Transaction discarded because of: ERR partition 0",
        "NOT_LEADER, CLUSTERDOWN partition 0",
        "NOT_SERVING, CLUSTERDOWN partition 0",
        "NOT_ENOUGH_REPLICAS, EXECABORT Transaction discarded because of: NOREPLICAS partition 0",
        "BUSY, TRYAGAIN partition 0",
        "DISK_FULL, EXECABORT Transaction discarded because of: MISCONF partition 0",
        "KEYDIR_FULL, EXECABORT Transaction discarded because of: OOM partition 0",
        "OUTCOME_UNKNOWN, ERR outcome unknown: the write may have been applied",
        "COPY_FENCED, ERR outcome unknown: the write may have been applied"
    })
    void eachReasonOfARefusedTransactionHasItsError(Reason reason, String error) throws Exception {
        refuse(reason, true);
        redis.send("MULTI\r\nSET a 1\r\nEXEC\r\n");

        assertThat(redis.read()).isEqualTo("OK");
        assertThat(redis.read()).isEqualTo("QUEUED");
        assertThat(redis.read()).startsWith("(error) " + error);
        commands.failure = null;
        assertThat(redis.ask("EXEC")).isEqualTo("(error) ERR EXEC without MULTI");
    }

    @Test
    void aTransactionThatOnlyReadsHasNoUnknownOutcome() throws Exception {
        redis.send("MULTI\r\nMGET a b\r\nEXEC\r\n");
        assertThat(redis.read()).isEqualTo("OK");
        assertThat(redis.read()).isEqualTo("QUEUED");

        commands.nextBatch().answer().completeExceptionally(new CommandRefusedException(Reason.COPY_FENCED, "gone"));

        assertThat(redis.read()).isEqualTo("(error) CLUSTERDOWN gone");
    }

    @Test
    void whatWasReadIsReadAgainWhenItHasChangedSince() throws Exception {
        redis.send("MULTI\r\nAPPEND a x\r\nSET b 1\r\nEXEC\r\n");
        for (int i = 0; i < 3; i++) {
            ScriptedCommands.AskedBatch batch = commands.nextBatch();
            assertThat(batch.batch().checks())
                    .singleElement()
                    .satisfies(check -> assertThat(check.condition()).isEqualTo(new Command.Condition.Version(7)));
            assertThat(batch.batch().commands()).hasSize(2);
            batch.failCheck(0);
        }
        commands.nextBatch().apply();

        assertThat(redis.read()).isEqualTo("OK");
        assertThat(redis.read()).isEqualTo("QUEUED");
        assertThat(redis.read()).isEqualTo("QUEUED");
        assertThat(redis.read()).isEqualTo("[(integer) 2, OK]");
        await().until(() -> reads.used() == 0);
    }

    @Test
    void whatWasWatchedIsNot() throws Exception {
        redis.send("WATCH a\r\nMULTI\r\nGET a\r\nGET b\r\nEXEC\r\n");
        assertThat(redis.read()).isEqualTo("OK");
        ScriptedCommands.AskedBatch batch = commands.nextBatch();
        assertThat(batch.batch().checks()).hasSize(2);
        assertThat(batch.batch().commands()).isEmpty();
        batch.failCheck(0);

        for (String reply : List.of("OK", "QUEUED", "QUEUED", "(nil)")) {
            assertThat(redis.read()).isEqualTo(reply);
        }
        assertThat(commands.batches).isEmpty();
    }

    @Test
    void othersMayBeFasterForSoLongOnly() throws Exception {
        redis.close();
        listener.close(LONG);
        open(2, Duration.ofMillis(100));
        redis.send("MULTI\r\nMGET a b\r\nEXEC\r\n");
        assertThat(redis.read()).isEqualTo("OK");
        assertThat(redis.read()).isEqualTo("QUEUED");
        CompletableFuture<String> reply = CompletableFuture.supplyAsync(() -> {
            try {
                return redis.read();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });

        await().pollInterval(Duration.ofMillis(1)).until(() -> {
            ScriptedCommands.AskedBatch batch = commands.batches.poll();
            if (batch != null) {
                batch.failCheck(1);
            }
            return reply.isDone();
        });

        assertThat(reply.join()).startsWith("(error) TRYAGAIN others write the records of the transaction");
    }

    @Test
    void aCommandWithoutKeysWaitsForAllBeforeIt() throws Exception {
        redis.send("SET a 1\r\nPING\r\nSET b 1\r\n");
        await().until(() -> commands.writes.size() == 1);
        commands.answerNext(true);
        assertThat(redis.read()).isEqualTo("OK");
        assertThat(redis.read()).isEqualTo("PONG");
        await().until(() -> commands.writes.size() == 1);
        commands.answerNext(true);
        assertThat(redis.read()).isEqualTo("OK");
    }

    @Test
    void thereAreOnlySoManyClients() throws Exception {
        assertThat(redis.ask("PING")).isEqualTo("PONG");
        try (RawRedis second = new RawRedis(listener.port())) {
            assertThat(second.ask("PING")).isEqualTo("PONG");
            try (RawRedis third = new RawRedis(listener.port())) {
                assertThat(third.read()).isEqualTo("(error) ERR max number of clients reached");
                assertThat(third.isClosed()).isTrue();
            }
            assertThat(second.ask("INFO stats")).contains("rejected_connections:1\r\n");
        }
    }

    @Test
    void aClientThatDoesNotReadIsNotReadFrom() throws Exception {
        commands.value = new byte[MAX_VALUE_BYTES];
        String gets = RawRedis.command("GET", "k");
        redis.send(gets.repeat(200));
        try (RawRedis other = new RawRedis(listener.port())) {
            assertThat(other.ask("PING")).isEqualTo("PONG");
            await().until(() -> reads.used() > 0);
            assertThat(reads.used()).isLessThanOrEqualTo(MAX_READ_BYTES);
        }
        for (int i = 0; i < 200; i++) {
            String reply = redis.read();
            assertThat(reply)
                    .satisfiesAnyOf(
                            whole -> assertThat(whole).hasSize(MAX_VALUE_BYTES + 2),
                            refused -> assertThat(refused).startsWith("(error) TRYAGAIN"));
        }
        await().until(() -> reads.used() == 0);
    }

    @Test
    void aClientThatGoesAwayLeavesNothing() throws Exception {
        commands.value = new byte[MAX_VALUE_BYTES];
        redis.send(RawRedis.command("GET", "k").repeat(200));
        redis.send("*2\r\n$3\r\nSET\r\n$1000\r\nxyz");
        await().until(() -> reads.used() > 0);

        redis.close();

        await().until(() -> reads.used() == 0);
    }

    @Test
    void whatHasBegunIsAnsweredBeforeTheListenerCloses() throws Exception {
        redis.send("SET a 1\r\n");
        await().until(() -> commands.writes.size() == 1);
        CompletableFuture<Void> closing = CompletableFuture.runAsync(() -> {
            try {
                listener.close(LONG);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        await().until(() -> {
            try (RawRedis late = new RawRedis(listener.port())) {
                late.ask("PING");
                return false;
            } catch (EOFException | SocketException e) {
                return true;
            }
        });

        commands.answerNext(true);

        assertThat(redis.read()).isEqualTo("OK");
        assertThat(redis.isClosed()).isTrue();
        redis.close();
        closing.join();
    }
}
