package io.caskade.server.partition;

import static io.caskade.server.partition.PartitionOnOneNode.await;
import static io.caskade.server.partition.PartitionOnOneNode.awaitQuietly;
import static io.caskade.server.partition.PartitionOnOneNode.bytes;
import static io.caskade.server.partition.PartitionOnOneNode.put;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.keydir.KeydirLimit;
import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expectation;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.WriteBatch;
import io.caskade.server.command.WriteBatch.Check;
import io.caskade.server.command.WriteBatch.Outcome;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// Batches on a partition's log, with records in flight, without room, and through crashes.
class BatchExecutorTest {

    private static final long MAX_BYTES = 1 << 20;
    private static final int CRASHES = 60;
    private static final int KEYS = 6;
    private static final int MANY_KEYS = 2_000;
    private static final int MANY_BATCHES = 150;

    /// On a busy machine a reader gets fewer chances to read in the middle of a commit.
    private static final int MANY_READS = 20_000;

    private final PartitionOnOneNode node = new PartitionOnOneNode(1, Durability.SYNC);

    private static CompletableFuture<Answer<WriteBatch.Result>> write(
            PartitionOnOneNode.Life life, List<Check> checks, Command... commands) {
        return life.commands()
                .write(new WriteBatch(checks, List.of(commands)), MAX_BYTES)
                .toCompletableFuture();
    }

    private static Check check(String key, Condition condition) {
        return new Check(bytes(key), condition);
    }

    private static Command.Result done(Answer<WriteBatch.Result> answer, int index) {
        return ((Outcome.Done) answer.value().outcomes().get(index)).result();
    }

    private static void assertRefused(CompletableFuture<?> asked, Reason reason) {
        assertThatThrownBy(() -> await(asked))
                .cause()
                .isInstanceOfSatisfying(
                        CommandRefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(reason));
    }

    @Test
    void allCommandsAreDoneInOneGroup() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        await(life.put("b", "old"));

        Answer<WriteBatch.Result> answer = await(write(
                life,
                List.of(),
                put("a", "1"),
                new Command.Delete(bytes("b"), new Condition.None()),
                new Command.Increment(bytes("a"), 4)));

        assertThat(life.get("a")).isEqualTo("5");
        assertThat(life.get("b")).isNull();
        assertThat(done(answer, 2).number()).isEqualTo(5);
        assertThat(done(answer, 1).version()).isEqualTo(done(answer, 0).version() + 1);
        assertThat(done(answer, 2).version()).isEqualTo(done(answer, 0).version() + 2);
        assertThat(answer.position().sequence())
                .isGreaterThanOrEqualTo(done(answer, 2).version());
        assertThat(life.commands().inFlightBytes()).isZero();
        life.stop();
    }

    @Test
    void aCheckThatDoesNotHoldWritesNothing() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        long version = await(life.put("a", "1")).version();
        long end = life.partition().copies().current().end();

        Answer<WriteBatch.Result> answer =
                await(write(life, List.of(check("a", new Condition.Version(version - 1))), put("b", "2")));

        assertThat(answer.value()).isEqualTo(new WriteBatch.Result(0, List.of()));
        assertThat(life.get("b")).isNull();
        assertThat(life.partition().copies().current().end()).isEqualTo(end);
        assertThat(life.commands().inFlightBytes()).isZero();
        assertThat(await(write(life, List.of(check("a", new Condition.Version(version))), put("b", "2")))
                        .value()
                        .applied())
                .isTrue();
        life.stop();
    }

    @Test
    void checksAreJudgedAgainstRecordsInFlightAndAnsweredWhenThoseAreCommitted() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        HeldSync sync = holdSync();
        CompletableFuture<Command.Result> first = life.put("lock", "me");

        CompletableFuture<Answer<WriteBatch.Result>> late =
                write(life, List.of(check("lock", new Condition.Absent())), put("lock", "you"));
        sync.reached().await();
        life.partition().status(Optional.empty()).join();
        assertThat(late).isNotDone();
        sync.released().countDown();

        assertThat(await(late).value().applied()).isFalse();
        assertThat(await(late).position().sequence())
                .isGreaterThanOrEqualTo(await(first).version());
        assertThat(life.get("lock")).isEqualTo("me");
        life.stop();
    }

    @Test
    void aSingleWriteSeesABatchInFlight() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        HeldSync sync = holdSync();
        CompletableFuture<Answer<WriteBatch.Result>> batch =
                write(life, List.of(), put("a", "1"), put("b", "2"), put("a", "3"));
        CompletableFuture<Command.Result> swap = life.write(new Command.CompareAndSet(
                bytes("a"), new Expectation.Value(bytes("3")), bytes("4"), new Expiry.Never()));
        sync.released().countDown();

        assertThat(await(batch).value().applied()).isTrue();
        assertThat(await(swap).applied()).isTrue();
        assertThat(life.get("a")).isEqualTo("4");
        life.stop();
    }

    /// Another write is committed after a batch's records were fetched and before it is decided.
    @Test
    void aBatchIsNotDecidedOnARecordThatWasReplacedSinceItWasFetched() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        long version = await(life.put("a", "1")).version();
        await(life.put("b", "1"));
        AtomicInteger reads = new AtomicInteger();
        node.disk.beforeRead(() -> {
            if (reads.incrementAndGet() == 2) {
                life.put("a", "2").join();
            }
        });

        Answer<WriteBatch.Result> answer = await(write(
                life,
                List.of(check("a", new Condition.Version(version)), check("b", new Condition.Present())),
                put("c", "1")));

        assertThat(reads).hasValueGreaterThan(1);
        // Whichever was read first: the write came between the reads.
        assertThat(answer.value().applied()).isFalse();
        assertThat(life.get("c")).isNull();
        life.stop();
    }

    @Test
    void aCommandThatFailsLeavesTheOthers() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        await(life.put("text", "no number"));

        Answer<WriteBatch.Result> answer =
                await(write(life, List.of(), put("a", "1"), new Command.Increment(bytes("text"), 1), put("b", "2")));

        assertThat(answer.value().outcomes().get(1)).isInstanceOf(Outcome.Refused.class);
        assertThat(life.get("a")).isEqualTo("1");
        assertThat(life.get("b")).isEqualTo("2");
        life.stop();
    }

    @Test
    void aBatchThatWritesNothingWaitsForWhatItSaw() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        HeldSync sync = holdSync();
        CompletableFuture<Command.Result> first = life.put("a", "1");

        CompletableFuture<Answer<WriteBatch.Result>> read = write(
                life,
                List.of(),
                new Command.CompareAndSet(bytes("a"), new Expectation.Absent(), bytes("2"), new Expiry.Never()));
        sync.reached().await();
        life.partition().status(Optional.empty()).join();
        assertThat(read).isNotDone();
        sync.released().countDown();

        await(first);
        assertThat(done(await(read), 0).applied()).isFalse();
        assertThat(new String(
                        Objects.requireNonNull(done(await(read), 0).current()).value(), UTF_8))
                .isEqualTo("1");
        life.stop();
    }

    @Test
    void aCheckOfAnExpiredKeyIsAnsweredOnceTheLogKnowsTheTime() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        await(life.write(new Command.Put(bytes("a"), bytes("1"), new Expiry.After(100), new Condition.None())));
        long expiry = node.now.get() + 100;
        node.now.addAndGet(200);

        Answer<WriteBatch.Result> answer = await(write(life, List.of(check("a", new Condition.Present()))));

        assertThat(answer.value().applied()).isFalse();
        assertThat(life.partition().copies().current().logTime()).isGreaterThanOrEqualTo(expiry);
        life.stop();
    }

    @Test
    void aBatchBeyondTheByteBudgetIsRefused() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        HeldSync sync = holdSync();
        CompletableFuture<Command.Result> first = life.put("first", "v".repeat(700 << 10));

        assertThatThrownBy(() -> write(life, List.of(), put("a", "v".repeat(400 << 10)), put("b", "1")))
                .isInstanceOfSatisfying(
                        CommandRefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(Reason.BUSY));

        sync.released().countDown();
        await(first);
        await(write(life, List.of(), put("a", "v".repeat(400 << 10)), put("b", "1")));
        assertThat(life.commands().inFlightBytes()).isZero();
        life.stop();
    }

    /// Each expiry writes the value again.
    @Test
    void theRecordsThatABatchRewritesAreBounded() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        Command[] expiries = new Command[5];
        for (int i = 0; i < expiries.length; i++) {
            await(life.put("large-" + i, "v".repeat(300 << 10)));
            expiries[i] = new Command.Expire(bytes("large-" + i), new Expiry.After(60_000));
        }
        long end = life.partition().copies().current().end();

        assertRefused(write(life, List.of(), expiries), Reason.INVALID_ARGUMENT);

        assertThat(life.partition().copies().current().end()).isEqualTo(end);
        assertThat(life.commands().inFlightBytes()).isZero();
        life.stop();
    }

    /// Their values are not kept.
    @Test
    void manyLargeRecordsCanBeChecked() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        List<Check> checks = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            await(life.put("large-" + i, "v".repeat(300 << 10)));
            checks.add(check("large-" + i, new Condition.Present()));
        }

        assertThat(await(write(life, checks, put("a", "1"))).value().applied()).isTrue();
        life.stop();
    }

    @Test
    void newKeysBeyondTheKeydirsMemoryRefuseTheWholeBatch() throws Exception {
        node.keydirLimit = new KeydirLimit(2 * KeydirLimit.BYTES_PER_KEY, "limits.keydir");
        PartitionOnOneNode.Life life = node.start();
        await(life.put("one", "v"));
        await(life.put("two", "v"));

        assertRefused(write(life, List.of(), put("one", "w"), put("three", "v")), Reason.KEYDIR_FULL);

        assertThat(life.get("one")).isEqualTo("v");
        assertThat(life.commands().inFlightBytes()).isZero();
        await(write(life, List.of(), put("one", "w"), put("two", "w")));
        life.stop();
    }

    @Test
    void aFullDiskRefusesTheWholeBatchAndItsKeysAreNotInFlight() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        await(life.put("a", "old"));
        node.disk.setFreeBytes(10);

        // More than the log has reserved.
        WriteBatch large = new WriteBatch(List.of(), List.of(put("a", "1"), put("b", "2".repeat(2 << 20))));
        assertRefused(life.commands().write(large, 2 * large.bytes()).toCompletableFuture(), Reason.DISK_FULL);

        assertThat(life.commands().inFlightBytes()).isZero();
        node.disk.setFreeBytes(8 << 20);
        assertThat(await(life.write(
                                new Command.Put(bytes("b"), bytes("3"), new Expiry.Never(), new Condition.Absent())))
                        .applied())
                .isTrue();
        assertThat(life.get("a")).isEqualTo("old");
        life.stop();
    }

    @Test
    void withOnlyTheReserveLeftABatchMayOnlyDelete() throws Exception {
        PartitionOnOneNode full = new PartitionOnOneNode(1, Durability.SYNC, 1 << 16, 1 << 20);
        PartitionOnOneNode.Life life = full.start();
        await(life.put("a", "1"));
        await(life.put("b", "1"));
        full.disk.setFreeBytes((1 << 20) - 1);
        full.nanos.addAndGet(1_000_000_000);
        Command delete = new Command.Delete(bytes("a"), new Condition.None());

        // The disk is looked at once a MiB.
        WriteBatch large = new WriteBatch(List.of(), List.of(delete, put("big", "v".repeat(1_200_000))));
        assertRefused(life.commands().write(large, 2 * large.bytes()).toCompletableFuture(), Reason.DISK_FULL);
        assertThat(life.get("a")).isEqualTo("1");
        Answer<WriteBatch.Result> deleted =
                await(write(life, List.of(), delete, new Command.Delete(bytes("b"), new Condition.None())));

        assertThat(done(deleted, 1).applied()).isTrue();
        assertThat(life.get("a")).isNull();
        assertThat(life.get("b")).isNull();
        life.stop();
    }

    /// Bytes of the batch that were not synced vanish, in any order.
    @Test
    void aBatchSurvivesAPowerFailureAsAWholeOrNotAtAll() throws Exception {
        Set<Long> survivors = new HashSet<>();
        for (int seed = 0; seed < CRASHES; seed++) {
            PartitionOnOneNode crashed = new PartitionOnOneNode(seed, Durability.SYNC);
            PartitionOnOneNode.Life life = crashed.start();
            crashed.disk.stopAt(seed % 5);
            Command[] puts = IntStream.range(0, KEYS)
                    .mapToObj(i -> put("key-" + i, "v".repeat(700)))
                    .toArray(Command[]::new);
            CompletableFuture<Answer<WriteBatch.Result>> written;
            try {
                written = write(life, List.of(), puts);
            } catch (CommandRefusedException e) {
                written = CompletableFuture.failedFuture(e);
            }
            CompletableFuture<Answer<WriteBatch.Result>> outcome = written;
            Awaitility.await().until(() -> outcome.isDone() || crashed.disk.isStopped());
            life.abandon();
            boolean acknowledged = written.isDone() && !written.isCompletedExceptionally();
            crashed.disk.powerFailure(new Random(seed));

            PartitionOnOneNode.Life next = crashed.start();
            long there = 0;
            for (int i = 0; i < KEYS; i++) {
                there += next.get("key-" + i) == null ? 0 : 1;
            }
            assertThat(there).as("seed %s", seed).isIn(0L, (long) KEYS);
            assertThat(there == KEYS || !acknowledged).as("seed %s", seed).isTrue();
            survivors.add(there);
            next.stop();
        }
        assertThat(survivors).as("what has happened in %s crashes", CRASHES).hasSize(2);
    }

    /// Records become visible one after the other: a client that has seen a part must wait for the rest.
    @Test
    void aClientThatHasSeenAPartOfABatchSeesTheRest() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        String first = "key-0";
        String last = "key-" + (MANY_KEYS - 1);
        await(write(life, List.of(), puts(0)));
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger reads = new AtomicInteger();
        CompletableFuture<Void> reader = CompletableFuture.runAsync(() -> {
            try {
                while (!over.get()) {
                    int before = Integer.parseInt(String.valueOf(life.get(first)));
                    int after = Integer.parseInt(String.valueOf(life.get(last)));
                    assertThat(after).isGreaterThanOrEqualTo(before);
                    reads.incrementAndGet();
                }
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });

        for (int i = 1; (i <= MANY_BATCHES || reads.get() < MANY_READS) && !reader.isDone(); i++) {
            await(write(life, List.of(), puts(i)));
        }
        over.set(true);

        await(reader);
        life.stop();
    }

    private static Command[] puts(int value) {
        return Stream.iterate(0, i -> i + 1)
                .limit(MANY_KEYS)
                .map(i -> put("key-" + i, Integer.toString(value)))
                .toArray(Command[]::new);
    }

    /// A sync that has begun and waits to be released.
    private record HeldSync(CountDownLatch reached, CountDownLatch released) {}

    private HeldSync holdSync() {
        HeldSync sync = new HeldSync(new CountDownLatch(1), new CountDownLatch(1));
        node.disk.beforeSync(() -> {
            sync.reached().countDown();
            awaitQuietly(sync.released());
        });
        return sync;
    }
}
