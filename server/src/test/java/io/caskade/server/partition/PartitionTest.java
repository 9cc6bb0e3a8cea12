package io.caskade.server.partition;

import static io.caskade.server.partition.PartitionOnOneNode.await;
import static io.caskade.server.partition.PartitionOnOneNode.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.keydir.KeydirLimit;
import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandHandler.Page;
import io.caskade.server.command.CommandHandler.StartedGet;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionTest {

    private final PartitionOnOneNode node = new PartitionOnOneNode(1, Durability.SYNC);

    @Test
    void writesAreReadAfterARestart() throws Exception {
        PartitionOnOneNode.Life first = node.start();
        await(first.put("a", "1"));
        await(first.put("b", "2"));
        await(first.write(new Command.Delete(bytes("a"), new Condition.None())));
        first.stop();

        PartitionOnOneNode.Life second = node.start();
        assertThat(second.get("a")).isNull();
        assertThat(second.get("b")).isEqualTo("2");
        second.stop();
    }

    @Test
    void everyStartTakesANewEpoch() throws Exception {
        node.start().stop();
        node.start().stop();

        assertThat(node.coordinator.state().value().epoch()).isEqualTo(2);
    }

    @Test
    void aStateThatCannotBeChangedIsShownForAsLongAsThatLasts() throws Exception {
        node.coordinator.refuse("not permitted");
        PartitionOnOneNode.Life life = node.open();
        Awaitility.await().until(() -> problem(life).equals("its state cannot be changed: not permitted"));

        node.coordinator.refuse(null);
        Awaitility.await().until(() -> problem(life).isEmpty());
        await(life.ready());
        life.stop();
    }

    private static String problem(PartitionOnOneNode.Life life) throws Exception {
        life.partition().tick(TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
        return await(life.partition().status(Optional.empty())).problem();
    }

    @Test
    void noWriteIsAcknowledgedOrVisibleBeforeItsSyncHasEnded() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        HeldSync sync = holdSync();

        CompletableFuture<Command.Result> write = life.put("key", "value");
        sync.reached().await();
        assertThat(write).isNotDone();
        assertThat(life.get("key")).isNull();

        sync.released().countDown();
        await(write);
        assertThat(life.get("key")).isEqualTo("value");
        life.stop();
    }

    @Test
    void oneSyncServesAllWritesQueuedDuringTheLast() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        HeldSync sync = holdSync();
        CompletableFuture<Command.Result> first = life.put("first", "1");
        sync.reached().await();
        List<CompletableFuture<Command.Result>> others = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            others.add(life.put("key-" + i, "value"));
        }
        node.disk.beforeSync(() -> {});
        node.disk.record();
        sync.released().countDown();

        await(CompletableFuture.allOf(others.toArray(CompletableFuture[]::new)));
        await(first);
        assertThat(node.disk.operations())
                .filteredOn(operation -> operation.kind() == FaultyDisk.Kind.SYNC
                        && operation.name().endsWith(".log"))
                .hasSizeLessThanOrEqualTo(2);
        life.stop();
    }

    @Test
    void conditionsAreDecidedAgainstRecordsInFlight() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        Command create = new Command.Put(bytes("lock"), bytes("me"), new Expiry.Never(), new Condition.Absent());

        List<CompletableFuture<Command.Result>> contenders = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            contenders.add(life.write(create));
        }

        int winners = 0;
        for (CompletableFuture<Command.Result> contender : contenders) {
            winners += await(contender).applied() ? 1 : 0;
        }
        assertThat(winners).isEqualTo(1);
        life.stop();
    }

    @Test
    void concurrentIncrementsLoseNoCount() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        List<CompletableFuture<Command.Result>> increments = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            increments.add(life.write(new Command.Increment(bytes("counter"), 1)));
        }

        Set<Long> numbers = new HashSet<>();
        for (CompletableFuture<Command.Result> increment : increments) {
            numbers.add(await(increment).number());
        }

        assertThat(numbers).hasSize(200);
        assertThat(life.get("counter")).isEqualTo("200");
        life.stop();
    }

    @Test
    void recentReadsAreAnsweredFromMemoryUntilTheyExpire() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        await(life.write(
                new Command.Put(bytes("key"), bytes("value"), new Expiry.After(60_000), new Condition.None())));
        assertThat(life.commands().beginGet(bytes("key"))).isInstanceOf(StartedGet.NeedsDisk.class);
        assertThat(life.get("key")).isEqualTo("value");

        StartedGet known = life.commands().beginGet(bytes("key"));
        assertThat(known).isInstanceOf(StartedGet.Answered.class);

        CommandHandler.FoundRecord found = Objects.requireNonNull(
                await(known.finish().toCompletableFuture()).value());
        assertThat(found.value()).isEqualTo(bytes("value"));
        assertThat(found.ttlMillis()).isBetween(1L, 60_000L);

        node.now.addAndGet(120_000);
        assertThat(life.get("key")).isNull();
        life.stop();
    }

    @Test
    void anExpiredKeyStaysExpiredWhenTheClockIsSetBack() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        await(life.write(
                new Command.Put(bytes("key"), bytes("value"), new Expiry.After(60_000), new Condition.None())));
        node.now.addAndGet(120_000);
        assertThat(life.get("key")).isNull();

        node.now.addAndGet(-300_000);
        assertThat(life.get("key")).isNull();
        life.abandon();
        node.disk.powerFailure();

        PartitionOnOneNode.Life second = node.start();
        assertThat(second.get("key")).isNull();
        second.stop();
    }

    @Test
    void extendingALifetimeDoesNotRaceWithExpiry() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        await(life.write(
                new Command.Put(bytes("key"), bytes("value"), new Expiry.After(60_000), new Condition.None())));
        HeldSync sync = holdSync();
        CompletableFuture<Command.Result> extended =
                life.write(new Command.Expire(bytes("key"), new Expiry.After(600_000)));
        sync.reached().await();
        node.now.addAndGet(120_000);

        CompletableFuture<Answer<@Nullable FoundRecord>> read =
                life.commands().beginGet(bytes("key")).finish().toCompletableFuture();
        CompletableFuture<Answer<Page>> scan =
                life.commands().scan(0, 100, bytes("")).toCompletableFuture();
        sync.released().countDown();

        assertThat(await(extended).applied()).isTrue();
        assertThat(await(read).value()).isNotNull();
        assertThat(await(scan).value().records()).hasSize(1);
        life.stop();
    }

    @Test
    void aScanOfLargeValuesComesInPagesOfBoundedSize() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        String value = "v".repeat(700 << 10);
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            await(life.put("key-" + i, value));
            keys.add("key-" + i);
        }

        Set<String> listed = new HashSet<>();
        long position = 0;
        do {
            Page page = await(life.commands().scan(position, 10_000, bytes("")).toCompletableFuture())
                    .value();
            assertThat(page.records()).hasSizeBetween(0, 4);
            page.records()
                    .forEach(found -> assertThat(listed.add(new String(found.key(), UTF_8)))
                            .isTrue());
            position = page.next();
        } while (position != 0);

        assertThat(listed).isEqualTo(keys);
        life.stop();
    }

    @Test
    void writesBeyondTheByteBudgetAreRefusedAtOnce() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        HeldSync sync = holdSync();
        CompletableFuture<Command.Result> first = life.put("first", "v".repeat(700 << 10));

        assertRefused(() -> life.put("second", "v".repeat(700 << 10)), Reason.BUSY);

        sync.released().countDown();
        await(first);
        await(life.put("third", "v".repeat(700 << 10)));
        life.stop();
    }

    @Test
    void newKeysBeyondTheKeydirsMemoryAreRefusedAndOthersCanBeWritten() throws Exception {
        node.keydirLimit = new KeydirLimit(2 * KeydirLimit.BYTES_PER_KEY, "limits.keydir");
        PartitionOnOneNode.Life life = node.start();
        await(life.put("one", "v"));
        await(life.put("two", "v"));
        long end = life.partition().copies().current().end();

        assertThatThrownBy(() -> await(life.put("three", "v")))
                .cause()
                .isInstanceOfSatisfying(
                        CommandRefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(Reason.KEYDIR_FULL))
                .hasMessageContaining("limits.keydir");

        assertThat(life.partition().copies().current().end()).isEqualTo(end);
        await(life.put("one", "w"));
        await(life.write(new Command.Delete(bytes("two"), new Condition.None())));
        await(life.put("three", "v"));
        assertThat(life.get("three")).isEqualTo("v");
        life.stop();
    }

    /// A new expiry writes the value again.
    @Test
    void theRecordThatAWriteReadsCountsAsInFlight() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        await(life.put("large", "v".repeat(700 << 10)));
        HeldSync sync = holdSync();
        CompletableFuture<Command.Result> first = life.put("first", "v".repeat(700 << 10));

        CompletableFuture<Command.Result> expire =
                life.write(new Command.Expire(bytes("large"), new Command.Expiry.After(1000)));

        assertThatThrownBy(() -> await(expire))
                .cause()
                .isInstanceOfSatisfying(
                        CommandRefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(Reason.BUSY));
        sync.released().countDown();
        await(first);
        await(life.write(new Command.Expire(bytes("large"), new Command.Expiry.After(1000))));
        life.stop();
    }

    @Test
    void theBytesOfARefusedWriteAreGivenBack() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        Command.Condition missing = new Command.Condition.Version(77);
        for (int i = 0; i < 3; i++) {
            Command.Put put = new Command.Put(bytes("key"), new byte[900 << 10], new Command.Expiry.Never(), missing);
            await(life.commands().write(put).toCompletableFuture());
        }

        assertThat(life.commands().inFlightBytes()).isZero();
        life.stop();
    }

    @Test
    void aSyncThatThrowsAnswersTheWritesThatWaitForIt() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        node.disk.beforeSync(() -> {
            throw new IllegalStateException("a fault of the test's");
        });

        assertRefused(() -> await(life.put("key", "value")), Reason.OUTCOME_UNKNOWN);
        assertRefused(() -> await(life.put("key", "value")), Reason.COPY_FENCED);
        life.abandon();
        life.partition().close();
    }

    @Test
    void aLeaderServesOnlyOnceAllCommittedRecordsAreVisible() throws Exception {
        PartitionOnOneNode.Life first = node.start();
        await(first.put("key", "value"));
        first.abandon();
        node.disk.powerFailure();

        PartitionOnOneNode.Life second = node.open();
        await(second.ready());
        Answer<@Nullable FoundRecord> answer =
                await(second.commands().beginGet(bytes("key")).finish().toCompletableFuture());
        assertThat(answer.value()).isNotNull();
        assertThat(answer.position().sequence())
                .isGreaterThan(answer.value() == null ? 0 : answer.value().version());
        second.stop();
    }

    @Test
    void aFullDiskRefusesWritesAndTheyResumeWhenThereIsRoom() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        await(life.put("before", "1"));
        node.disk.setFreeBytes(10);

        // More than the log has reserved.
        assertRefused(() -> await(life.put("during", "2".repeat(2 << 20))), Reason.DISK_FULL);
        assertThat(life.get("before")).isEqualTo("1");
        assertThat(life.get("during")).isNull();

        node.disk.setFreeBytes(1 << 20);
        await(life.put("after", "3"));
        assertThat(life.get("after")).isEqualTo("3");
        life.stop();
    }

    @Test
    void aDiskThatHasRoomAgainIsNotCalledFullUntilSomebodyWrites() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        node.disk.setFreeBytes(10);
        assertRefused(() -> await(life.put("during", "2".repeat(2 << 20))), Reason.DISK_FULL);

        // The refused put has given back what it had taken.
        node.disk.setFreeBytes(10);
        life.partition().refreshSpace();
        assertThat(await(life.partition().status(Optional.empty())).diskFull()).isTrue();

        node.disk.setFreeBytes(1 << 20);
        life.partition().refreshSpace();
        assertThat(await(life.partition().status(Optional.empty())).diskFull()).isFalse();
        life.stop();
    }

    @Test
    void aReserveThatIsFreeAgainIsNotCalledFullUntilSomebodyWrites() throws Exception {
        PartitionOnOneNode node = new PartitionOnOneNode(1, Durability.SYNC, 1 << 16, 1 << 20);
        PartitionOnOneNode.Life life = node.start();
        node.disk.setFreeBytes(1 << 20);
        assertRefused(() -> await(life.put("big", "v".repeat(900_000))), Reason.DISK_FULL);

        life.partition().refreshSpace();
        assertThat(await(life.partition().status(Optional.empty())).diskFull()).isTrue();

        node.disk.setFreeBytes(2 << 20);
        life.partition().refreshSpace();
        assertThat(await(life.partition().status(Optional.empty())).diskFull()).isFalse();
        life.stop();
    }

    @Test
    void whileNoFileCanBeOpenedWritesAreRefusedAndThenTheyResume() throws Exception {
        PartitionOnOneNode node = new PartitionOnOneNode(1, Durability.SYNC, 1 << 16);
        PartitionOnOneNode.Life life = node.start();
        await(life.put("before", "1"));
        node.disk.setOutOfDescriptors(true);

        // More than the segment has room for.
        assertThatThrownBy(() -> await(life.put("during", "2".repeat(2 << 16))))
                .hasMessageContaining("too many open files: limit 512");
        assertThat(life.get("before")).isEqualTo("1");
        assertThat(life.get("during")).isNull();

        node.disk.setOutOfDescriptors(false);
        await(life.put("after", "3".repeat(2 << 16)));
        assertThat(life.get("after")).hasSize(2 << 16);
        life.stop();
    }

    @Test
    void withOnlyTheReserveLeftPutsAreRefusedAndDeletesMakeRoom() throws Exception {
        PartitionOnOneNode node = new PartitionOnOneNode(1, Durability.SYNC, 1 << 16, 1 << 20);
        PartitionOnOneNode.Life life = node.start();
        for (int i = 0; i < 30; i++) {
            await(life.put("key-" + i, "v".repeat(10_000)));
        }
        node.disk.setFreeBytes((1 << 20) - 1);
        node.nanos.addAndGet(1_000_000_000);

        // The disk is looked at once a MiB.
        assertRefused(() -> await(life.put("big", "v".repeat(900_000))), Reason.DISK_FULL);
        assertRefused(() -> await(life.put("key-0", "new")), Reason.DISK_FULL);
        assertRefused(() -> await(life.write(new Command.Increment(bytes("counter"), 1))), Reason.DISK_FULL);
        assertThat(life.get("key-0")).isEqualTo("v".repeat(10_000));
        for (int i = 0; i < 29; i++) {
            CompletableFuture<Command.Result> refused = life.put("beside", "v");
            await(life.write(new Command.Delete(bytes("key-" + i), new Command.Condition.None())));
            assertRefused(() -> await(refused), Reason.DISK_FULL);
        }
        assertThat(life.get("key-0")).isNull();

        life.partition().merge(_ -> {});
        assertThat(node.disk.freeBytes(Path.of("/partition"))).isGreaterThan(1 << 20);
        assertRefused(() -> await(life.put("key-0", "new")), Reason.DISK_FULL);
        node.nanos.addAndGet(100_000_000);
        await(life.put("key-0", "new"));
        assertThat(life.get("key-0")).isEqualTo("new");
        life.stop();
    }

    @Test
    void aFailedSyncFencesThePartitionAndIsNeverRetried() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        node.disk.failNext(FaultyDisk.Kind.SYNC, ".log");

        assertRefused(() -> await(life.put("key", "value")), Reason.OUTCOME_UNKNOWN);
        assertRefused(() -> await(life.put("key", "value")), Reason.COPY_FENCED);

        node.disk.record();
        await(life.partition().stop().toCompletableFuture());
        life.abandon();
        life.partition().close();
        assertThat(node.disk.operations())
                .noneMatch(operation -> operation.kind() == FaultyDisk.Kind.SYNC
                        && operation.name().endsWith(".log"));
    }

    @Test
    void aStopAnswersWritesInFlightAndRefusesOthers() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        List<CompletableFuture<Command.Result>> writes = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            writes.add(life.put("key-" + i, "value"));
        }

        life.stop();

        PartitionOnOneNode.Life second = node.start();
        for (int i = 0; i < writes.size(); i++) {
            assertThat(writes.get(i)).isDone();
            if (!writes.get(i).isCompletedExceptionally()) {
                assertThat(second.get("key-" + i)).isEqualTo("value");
            }
        }
        second.stop();
    }

    @Test
    void aWipedCopyDoesNotLeadAPartitionThatHeldWrites() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        await(life.put("key", "value"));
        life.stop();
        for (Path file : node.disk.contents().keySet()) {
            node.disk.delete(file);
        }

        assertThatThrownBy(() -> await(node.open().ready())).hasMessageContaining("not in sync");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyAcknowledgedWriteSurvivesPowerFailuresUnderLoad(long seed) throws Exception {
        PartitionOnOneNode node = new PartitionOnOneNode(seed, Durability.SYNC);
        Random random = new Random(seed);
        Map<String, Integer> acknowledged = new HashMap<>();
        int written = 0;
        for (int round = 0; round < 12; round++) {
            PartitionOnOneNode.Life life = node.start();
            for (Map.Entry<String, Integer> entry : acknowledged.entrySet()) {
                String value = life.get(entry.getKey());
                assertThat(value).as("seed %s, %s", seed, entry.getKey()).isNotNull();
                assertThat(Integer.parseInt(String.valueOf(value))).isGreaterThanOrEqualTo(entry.getValue());
            }
            node.disk.stopAt(random.nextInt(8));
            List<CompletableFuture<Command.Result>> writes = new ArrayList<>();
            List<String> keys = new ArrayList<>();
            List<Integer> values = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                String key = "key-" + random.nextInt(20);
                values.add(++written);
                keys.add(key);
                try {
                    writes.add(life.put(key, Integer.toString(written)));
                } catch (CommandRefusedException e) {
                    writes.add(CompletableFuture.failedFuture(e));
                }
            }
            CompletableFuture<Void> all = CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new));
            Awaitility.await().until(() -> all.isDone() || node.disk.isStopped());
            life.abandon();
            for (int i = 0; i < writes.size(); i++) {
                if (writes.get(i).isDone() && !writes.get(i).isCompletedExceptionally()) {
                    acknowledged.put(keys.get(i), values.get(i));
                }
            }
            node.disk.powerFailure();
        }
    }

    private static void assertRefused(ThrowingCallable asked, Reason reason) {
        assertThatThrownBy(asked).satisfies(thrown -> {
            Throwable refusal = thrown instanceof CommandRefusedException ? thrown : thrown.getCause();
            assertThat(refusal)
                    .isInstanceOfSatisfying(
                            CommandRefusedException.class,
                            refused -> assertThat(refused.reason()).isEqualTo(reason));
        });
    }

    /// A sync that has begun and waits to be released.
    private record HeldSync(CountDownLatch reached, CountDownLatch released) {}

    private HeldSync holdSync() {
        HeldSync sync = new HeldSync(new CountDownLatch(1), new CountDownLatch(1));
        node.disk.beforeSync(() -> {
            sync.reached().countDown();
            awaitLatch(sync.released());
        });
        return sync;
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
