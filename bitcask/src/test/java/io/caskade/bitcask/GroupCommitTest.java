package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.disk.FaultyDisk.Kind;
import io.caskade.bitcask.disk.FaultyDisk.Operation;
import io.caskade.bitcask.embedded.GroupCommit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Many threads writing at once: what is acknowledged is durable, what fails fails for all, and no caller waits
/// forever.
@Timeout(60)
final class GroupCommitTest {

    private static final Path DIRECTORY = Path.of("/data");

    private final FaultyDisk disk = new FaultyDisk(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Thread> writers = new ArrayList<>();

    @AfterEach
    void stopThreads() throws InterruptedException {
        threads.shutdown();
        assertThat(threads.awaitTermination(20, TimeUnit.SECONDS))
                .as("no writer hangs")
                .isTrue();
    }

    @Test
    void everyAcknowledgedWriteIsOnTheDiskWhenItIsAcknowledgedAndSyncsAreShared() throws Exception {
        int perWriter = 60;
        disk.beforeSync(() -> LockSupport.parkNanos(300_000));
        disk.record();
        try (Bitcask store = Bitcask.open(DIRECTORY, Options.defaults().withSegmentBytes(8192), disk)) {
            List<Future<?>> all = new ArrayList<>();
            for (int writer = 0; writer < 16; writer++) {
                int number = writer;
                all.add(threads.submit(() -> {
                    for (int i = 0; i < perWriter; i++) {
                        String key = "<" + number + "-" + i + ">";
                        store.put(bytes(key), bytes("v"));
                        assertThat(survives(key))
                                .as("%s survives a power failure now", key)
                                .isTrue();
                    }
                    return number;
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
            assertThat(store.size()).isEqualTo(16L * perWriter);
        }
        long syncs = disk.operations().stream()
                .filter(operation -> operation.kind() == Kind.SYNC)
                .count();
        assertThat(syncs).as("syncs for %d writes", 16 * perWriter).isLessThan(16 * perWriter / 2);
    }

    private boolean survives(String key) {
        return disk.survivors().values().stream()
                .anyMatch(file -> new String(file, StandardCharsets.ISO_8859_1).contains(key));
    }

    @Test
    void aWriteIsNotVisibleBeforeItIsSynced() throws Exception {
        try (Bitcask store = Bitcask.open(DIRECTORY, Options.defaults(), disk)) {
            CountDownLatch release = holdNextSync();
            Future<?> write = submitPut(store, "a", 1);
            awaitHeldSync();
            assertThat(store.get(bytes("a"))).isNull();
            release.countDown();
            write.get();
            assertThat(store.get(bytes("a"))).isNotNull();
        }
    }

    @Test
    void aFailedSyncFailsItsGroupAndAllWaitingWrites() throws Exception {
        Bitcask store = Bitcask.open(DIRECTORY, Options.defaults(), disk);
        CountDownLatch release = holdNextSync();
        List<Future<?>> writes = new ArrayList<>();
        writes.add(submitPut(store, "first", 1));
        awaitHeldSync();
        for (int i = 0; i < 8; i++) {
            writes.add(submitPut(store, "next" + i, 1));
        }
        awaitWaitingWriters(9);
        disk.fail(Kind.SYNC, 1);
        release.countDown();
        for (Future<?> write : writes) {
            assertThatThrownBy(write::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(IOException.class);
        }
        assertThat(store.size()).isZero();
        assertThatThrownBy(store::close).isInstanceOf(IOException.class);
    }

    @Test
    void anExceptionBeforeAGroupIsWrittenFailsOnlyThatGroup() throws Exception {
        AtomicBoolean broken = new AtomicBoolean();
        InstantSource clock = new InstantSource() {
            @Override
            public Instant instant() {
                if (broken.get()) {
                    throw new IllegalStateException("no time");
                }
                return Instant.ofEpochMilli(5);
            }
        };
        try (Bitcask store = Bitcask.open(DIRECTORY, Options.defaults().withClock(clock), disk)) {
            CountDownLatch release = holdNextSync();
            Future<?> first = submitPut(store, "first", 1);
            awaitHeldSync();
            List<Future<?>> writes = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                writes.add(submitPut(store, "lost" + i, 1));
            }
            awaitWaitingWriters(9);
            broken.set(true);
            release.countDown();
            first.get();
            for (Future<?> write : writes) {
                assertThatThrownBy(write::get)
                        .as("no caller waits without an answer")
                        .cause()
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("no time")
                        .hasCauseInstanceOf(IllegalStateException.class);
            }
            broken.set(false);
            store.put(bytes("after"), bytes("v"));
            assertThat(store.size()).isEqualTo(2);
        }
    }

    @Test
    void anErrorWithinACommitFencesTheStoreAndReachesEveryWriter() throws Exception {
        Bitcask store = Bitcask.open(DIRECTORY, Options.defaults(), disk);
        store.put(bytes("before"), bytes("v"));
        disk.beforeSync(() -> {
            throw new AssertionError("the sync broke");
        });
        assertThatThrownBy(() -> store.put(bytes("a"), bytes("v")))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(AssertionError.class);
        disk.beforeSync(() -> {});
        assertThatThrownBy(() -> store.put(bytes("b"), bytes("v"))).hasMessageContaining("refuses writes");
        assertThat(store.get(bytes("before"))).isNotNull();
        assertThatThrownBy(store::close).hasMessageContaining("refuses writes");
    }

    @Test
    void aFullGroupLeavesTheRestToTheNext() throws Exception {
        int valueBytes = 2 << 20;
        disk.record();
        try (Bitcask store = Bitcask.open(DIRECTORY, Options.defaults(), disk)) {
            CountDownLatch release = holdNextSync();
            List<Future<?>> writes = new ArrayList<>();
            writes.add(submitPut(store, "first", 1));
            awaitHeldSync();
            for (int i = 0; i < 12; i++) {
                writes.add(submitPut(store, "large" + i, valueBytes));
            }
            awaitWaitingWriters(13);
            release.countDown();
            for (Future<?> write : writes) {
                write.get();
            }
            assertThat(store.size()).isEqualTo(13);
        }
        assertThat(disk.operations())
                .filteredOn(operation -> operation.kind() == Kind.WRITE)
                .extracting(Operation::bytes)
                .allSatisfy(
                        bytes -> assertThat(bytes.length).isLessThan(GroupCommit.FULL_GROUP_BYTES + valueBytes + 4096));
    }

    @Test
    void withIntervalSyncsAWriteReturnsAtOnceAndIsSyncedSoon() throws Exception {
        Options options = Options.defaults().withDurability(Durability.INTERVAL).withSyncInterval(Duration.ofMillis(5));
        try (Bitcask store = Bitcask.open(DIRECTORY, options, disk)) {
            store.put(bytes("<key>"), bytes("v"));
            await().atMost(Duration.ofSeconds(20)).until(() -> survives("<key>"));
        }
    }

    @Test
    void withoutSyncsAWriteIsDurableAfterAnExplicitSync() throws Exception {
        try (Bitcask store = Bitcask.open(DIRECTORY, Options.defaults().withDurability(Durability.NONE), disk)) {
            store.put(bytes("<key>"), bytes("v"));
            assertThat(survives("<key>")).isFalse();
            store.sync();
            assertThat(survives("<key>")).isTrue();
        }
    }

    @Test
    void intervalSyncsEndWhenTheDiskFailed() throws Exception {
        Options options = Options.defaults().withDurability(Durability.INTERVAL).withSyncInterval(Duration.ofMillis(1));
        Bitcask store = Bitcask.open(DIRECTORY, options, disk);
        disk.fail(Kind.SYNC, 1);
        store.put(bytes("a"), bytes("v"));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThatThrownBy(() -> store.put(bytes("b"), bytes("v")))
                        .hasMessageContaining("refuses writes"));
        assertThatThrownBy(store::close).hasMessageContaining("refuses writes");
    }

    private volatile CountDownLatch held = new CountDownLatch(1);

    /// Makes the next sync wait, and those after it not.
    private CountDownLatch holdNextSync() {
        CountDownLatch release = new CountDownLatch(1);
        held = new CountDownLatch(1);
        disk.beforeSync(() -> {
            disk.beforeSync(() -> {});
            held.countDown();
            awaitLatch(release);
        });
        return release;
    }

    private void awaitHeldSync() {
        awaitLatch(held);
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new AssertionError("waited too long");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private Future<?> submitPut(Bitcask store, String key, int valueBytes) {
        return threads.submit(() -> {
            register();
            store.put(bytes(key), new byte[valueBytes]);
            return key;
        });
    }

    private void register() {
        synchronized (writers) {
            writers.add(Thread.currentThread());
        }
    }

    /// Waits until a number of writers wait for a commit, or for the held sync.
    private void awaitWaitingWriters(int count) {
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            synchronized (writers) {
                return writers.stream()
                                .filter(thread -> thread.getState() == Thread.State.WAITING
                                        || thread.getState() == Thread.State.TIMED_WAITING)
                                .count()
                        == count;
            }
        });
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
