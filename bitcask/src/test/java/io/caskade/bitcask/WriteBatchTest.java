package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.disk.FaultyDisk.Kind;
import io.caskade.bitcask.record.RecordFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Writes of several keys that are made together, and the checks they depend on.
@Timeout(60)
final class WriteBatchTest {

    private static final Path DIRECTORY = Path.of("/data");

    private FaultyDisk disk = new FaultyDisk(1);
    private final ManualClock clock = new ManualClock();

    private Bitcask open(Durability durability) throws IOException {
        return Bitcask.open(
                DIRECTORY,
                Options.defaults()
                        .withDurability(durability)
                        .withClock(clock)
                        .withSegmentBytes(1 << 20)
                        .withMerges(MergeOptions.off()),
                disk);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static @Nullable String get(Bitcask store, String key) throws IOException {
        Entry entry = store.get(bytes(key));
        return entry == null ? null : new String(entry.value(), StandardCharsets.UTF_8);
    }

    private static long version(Bitcask store, String key) throws IOException {
        return Objects.requireNonNull(store.get(bytes(key))).version();
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void aBatchIsWrittenInOrder(Durability durability) throws IOException {
        try (Bitcask store = open(durability)) {
            store.put(bytes("old"), bytes("0"));
            assertThat(store.write(WriteBatch.builder()
                            .put(bytes("a"), bytes("1"))
                            .delete(bytes("old"))
                            .put(bytes("b"), bytes("2"), Duration.ofSeconds(1))
                            .put(bytes("a"), bytes("3"))
                            .build()))
                    .isTrue();
            assertThat(get(store, "a")).isEqualTo("3");
            assertThat(get(store, "old")).isNull();
            assertThat(get(store, "b")).isEqualTo("2");
            clock.advance(2_000);
            assertThat(get(store, "b")).isNull();
        }
        try (Bitcask again = open(durability)) {
            assertThat(get(again, "a")).isEqualTo("3");
            assertThat(again.size()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void nothingIsWrittenUnlessAllChecksHold(Durability durability) throws IOException {
        try (Bitcask store = open(durability)) {
            store.put(bytes("a"), bytes("1"));
            long first = version(store, "a");
            WriteBatch batch = WriteBatch.builder()
                    .checkAbsent(bytes("b"))
                    .checkVersion(bytes("a"), first)
                    .put(bytes("b"), bytes("2"))
                    .delete(bytes("a"))
                    .build();
            store.put(bytes("a"), bytes("1"));
            long before = disk.operationCount();
            assertThat(store.write(batch)).isFalse();
            assertThat(disk.operationCount()).isEqualTo(before);
            assertThat(get(store, "b")).isNull();

            assertThat(store.compareAndSet(bytes("a"), version(store, "a"), bytes("3")))
                    .isTrue();
            assertThat(store.compareAndSet(bytes("a"), WriteBatch.ABSENT, bytes("4")))
                    .isFalse();
            assertThat(store.compareAndSet(bytes("c"), first, bytes("4"))).isFalse();
            assertThat(store.compareAndSet(bytes("c"), WriteBatch.ABSENT, bytes("5")))
                    .isTrue();
            assertThat(get(store, "a")).isEqualTo("3");
            assertThat(get(store, "c")).isEqualTo("5");
        }
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void anExpiredRecordCountsAsAbsentAndDoesNotComeBack(Durability durability) throws IOException {
        try (Bitcask store = open(durability)) {
            store.put(bytes("a"), bytes("1"), Duration.ofSeconds(1));
            long version = version(store, "a");
            clock.advance(2_000);
            assertThat(store.compareAndSet(bytes("a"), version, bytes("2"))).isFalse();
            assertThat(store.write(WriteBatch.builder()
                            .checkAbsent(bytes("a"))
                            .put(bytes("b"), bytes("3"))
                            .build()))
                    .isTrue();
            clock.advance(-2_000);
            assertThat(get(store, "a")).isNull();
        }
        try (Bitcask again = open(durability)) {
            assertThat(get(again, "a")).isNull();
            assertThat(get(again, "b")).isEqualTo("3");
        }
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void incrementsOfManyThreadsAreAllCounted(Durability durability) throws Exception {
        int threads = 4;
        int increments = 50;
        try (Bitcask store = open(durability);
                ExecutorService pool = Executors.newCachedThreadPool()) {
            List<Future<Integer>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                all.add(pool.submit(() -> increment(store, increments)));
            }
            for (Future<Integer> each : all) {
                assertThat(each.get()).isEqualTo(increments);
            }
            assertThat(get(store, "counter")).isEqualTo(String.valueOf(threads * increments));
            assertThat(get(store, "copy")).isEqualTo(String.valueOf(threads * increments));
        }
    }

    private static int increment(Bitcask store, int times) throws IOException {
        int done = 0;
        while (done < times) {
            Entry entry = store.get(bytes("counter"));
            int count = entry == null ? 0 : Integer.parseInt(new String(entry.value(), StandardCharsets.UTF_8));
            byte[] next = bytes(String.valueOf(count + 1));
            boolean written = store.write(WriteBatch.builder()
                    .checkVersion(bytes("counter"), entry == null ? WriteBatch.ABSENT : entry.version())
                    .put(bytes("counter"), next)
                    .put(bytes("copy"), next)
                    .build());
            done += written ? 1 : 0;
        }
        return done;
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void afterACrashABatchIsThereAsAWholeOrNotAtAll(Durability durability) throws IOException {
        int whole = 0;
        for (int seed = 0; seed < 100; seed++) {
            disk = new FaultyDisk(seed);
            Random random = new Random(seed);
            Bitcask store = open(durability);
            store.put(bytes("a"), bytes("0"));
            store.sync();
            disk.stopAt(random.nextInt(3));
            boolean acknowledged = false;
            try {
                store.write(WriteBatch.builder()
                        .checkVersion(bytes("a"), version(store, "a"))
                        .delete(bytes("a"))
                        .put(bytes("b"), new byte[2_000])
                        .put(bytes("c"), new byte[2_000])
                        .build());
                acknowledged = durability == Durability.SYNC;
                disk.stop();
            } catch (IOException e) {
                assertThat(disk.isStopped()).isTrue();
            }
            disk.powerFailure(random);
            assertThatThrownBy(store::close).isInstanceOf(IOException.class);
            try (Bitcask again = open(durability)) {
                boolean there = again.get(bytes("a")) == null;
                assertThat(again.get(bytes("b")) != null).as("seed %d", seed).isEqualTo(there);
                assertThat(again.get(bytes("c")) != null).as("seed %d", seed).isEqualTo(there);
                assertThat(there || !acknowledged).as("seed %d", seed).isTrue();
                whole += there ? 1 : 0;
            }
        }
        assertThat(whole).isBetween(5, 95);
    }

    /// A thread that puts a key, while its sync waits.
    private Future<?> putWhoseSyncWaits(Bitcask store, ExecutorService pool, CountDownLatch release) throws Exception {
        CountDownLatch syncing = new CountDownLatch(1);
        disk.beforeSync(() -> {
            syncing.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        Future<?> put = pool.submit(() -> {
            store.put(bytes("a"), bytes("2"));
            return true;
        });
        syncing.await();
        return put;
    }

    @Test
    void aCheckThatFailsByAWriteInFlightWaitsForIt() throws Exception {
        try (Bitcask store = open(Durability.SYNC);
                ExecutorService pool = Executors.newCachedThreadPool()) {
            store.put(bytes("a"), bytes("1"));
            long version = version(store, "a");
            CountDownLatch release = new CountDownLatch(1);
            Future<?> put = putWhoseSyncWaits(store, pool, release);
            Future<Boolean> batch = pool.submit(() -> store.compareAndSet(bytes("a"), version, bytes("3")));
            assertThatThrownBy(() -> batch.get(50, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            release.countDown();
            assertThat(batch.get()).isFalse();
            put.get();
            assertThat(get(store, "a")).isEqualTo("2");
        }
    }

    @Test
    void aCheckThatFailsByAWriteThatIsLostIsNoAnswer() throws Exception {
        Bitcask store = open(Durability.SYNC);
        try (ExecutorService pool = Executors.newCachedThreadPool()) {
            store.put(bytes("a"), bytes("1"));
            long version = version(store, "a");
            CountDownLatch release = new CountDownLatch(1);
            Future<?> put = putWhoseSyncWaits(store, pool, release);
            Future<Boolean> batch = pool.submit(() -> store.compareAndSet(bytes("a"), version, bytes("3")));
            disk.fail(Kind.SYNC, 1);
            release.countDown();
            assertThatThrownBy(put::get).isInstanceOf(ExecutionException.class);
            assertThatThrownBy(batch::get).hasCauseInstanceOf(IOException.class);
        }
        assertThatThrownBy(store::close).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void onAFullDiskABatchOfPutsIsRefusedAndOneOfDeletesIsNot(Durability durability) throws IOException {
        try (Bitcask store = open(durability)) {
            store.put(bytes("a"), bytes("1"));
            store.put(bytes("b"), bytes("1"));
            disk.setFreeBytes(1 << 20);
            assertThatThrownBy(() -> store.write(WriteBatch.builder()
                            .delete(bytes("a"))
                            .put(bytes("b"), new byte[1 << 20])
                            .build()))
                    .hasCauseInstanceOf(ResourceExhaustedException.class);
            assertThat(get(store, "a")).isEqualTo("1");
            assertThat(store.write(WriteBatch.builder()
                            .delete(bytes("a"))
                            .delete(bytes("b"))
                            .build()))
                    .isTrue();
            assertThat(store.size()).isZero();
            disk.setFreeBytes(1 << 30);
        }
    }

    @Test
    void itsBytesAreThoseOfItsRecords() {
        WriteBatch batch = WriteBatch.builder()
                .delete(bytes("abc"))
                .put(bytes("a"), bytes("1234"))
                .build();
        assertThat(batch.bytes()).isEqualTo(RecordFormat.length(3, 0) + RecordFormat.length(1, 4));
    }

    @Test
    void whatCannotBeWrittenIsRefused() throws IOException {
        assertThatThrownBy(() -> WriteBatch.builder().checkAbsent(bytes("a")).build())
                .isInstanceOf(IllegalArgumentException.class);
        byte[] large = new byte[WriteBatch.MAX_BYTES / 2];
        assertThatThrownBy(() -> WriteBatch.builder()
                        .put(bytes("a"), large)
                        .put(bytes("b"), large)
                        .build())
                .isInstanceOf(IllegalArgumentException.class);
        try (Bitcask store = open(Durability.NONE)) {
            List<WriteBatch> refused = List.of(
                    WriteBatch.builder().delete(new byte[0]).build(),
                    WriteBatch.builder()
                            .checkAbsent(new byte[0])
                            .delete(bytes("a"))
                            .build(),
                    WriteBatch.builder()
                            .put(bytes("a"), bytes("1"), Duration.ZERO)
                            .build(),
                    WriteBatch.builder().put(bytes("a"), large).build());
            assertThat(refused)
                    .allSatisfy(batch ->
                            assertThatThrownBy(() -> store.write(batch)).isInstanceOf(IllegalArgumentException.class));
            assertThat(store.size()).isZero();
        }
    }
}
