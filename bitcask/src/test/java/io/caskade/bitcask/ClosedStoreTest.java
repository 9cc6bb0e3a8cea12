package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.disk.FaultyDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A store that was closed, or is being closed: its directory may be another store's by then.
@Timeout(60)
final class ClosedStoreTest {

    private static final Path DIRECTORY = Path.of("/data");
    private static final int WRITERS = 4;
    private static final int ROUNDS = 10;

    private final FaultyDisk disk = new FaultyDisk(1);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Options options(Durability durability) {
        return Options.defaults().withSegmentBytes(4096).withDurability(durability);
    }

    private Bitcask open(Durability durability) throws IOException {
        return Bitcask.open(DIRECTORY, options(durability), disk);
    }

    private static List<ThrowingCallable> everyOperation(Bitcask store) {
        byte[] key = bytes("a");
        return List.of(
                () -> store.put(key, key),
                () -> store.put(key, key, Duration.ofSeconds(1)),
                () -> store.write(WriteBatch.builder().delete(key).build()),
                () -> store.compareAndSet(key, WriteBatch.ABSENT, key),
                () -> store.delete(key),
                () -> store.delete(bytes("missing")),
                () -> store.get(key),
                () -> store.get(bytes("missing")),
                () -> store.getAll(List.of(key)),
                () -> store.scan(0, 10),
                () -> store.sync(),
                () -> store.merge(),
                () -> store.snapshot(Path.of("/snapshot")),
                () -> store.size(),
                () -> store.statistics(),
                () -> store.awaitMerges(Duration.ofSeconds(30)));
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void everyOperationThrowsAndTouchesNothing(Durability durability) throws IOException {
        Bitcask closed = open(durability);
        closed.put(bytes("a"), bytes("1"));
        closed.close();
        long before = disk.operationCount();
        for (ThrowingCallable operation : everyOperation(closed)) {
            assertThatThrownBy(operation).isInstanceOf(StoreClosedException.class);
        }
        closed.close();
        assertThat(disk.operationCount()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void aWriteThatComesTooLateDoesNotHarmTheNextOwner(Durability durability) throws IOException {
        Bitcask first = open(durability);
        first.put(bytes("a"), bytes("1"));
        first.close();
        try (Bitcask second = open(durability)) {
            second.put(bytes("b"), bytes("2"));
            assertThatThrownBy(() -> first.put(bytes("late"), bytes("3"))).isInstanceOf(StoreClosedException.class);
            assertThatThrownBy(first::sync).isInstanceOf(StoreClosedException.class);
            second.put(bytes("c"), bytes("4"));
        }
        try (Bitcask third = open(durability)) {
            assertThat(third.size()).isEqualTo(3);
            assertThat(third.get(bytes("late"))).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void whatWasAcknowledgedWhileItClosedIsThereAndWhatWasRefusedIsNot(Durability durability) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            String prefix = "r" + round + "-";
            Set<String> acknowledged = ConcurrentHashMap.newKeySet();
            Set<String> refused = ConcurrentHashMap.newKeySet();
            Bitcask store = open(durability);
            long before = store.size();
            CountDownLatch running = new CountDownLatch(WRITERS);
            try (ExecutorService threads = Executors.newCachedThreadPool()) {
                List<Future<?>> writers = new ArrayList<>();
                for (int writer = 0; writer < WRITERS; writer++) {
                    String mine = prefix + writer + "-";
                    writers.add(threads.submit(() -> write(store, mine, running, acknowledged, refused)));
                }
                running.await();
                store.close();
                for (Future<?> each : writers) {
                    each.get();
                }
            }
            assertThat(refused).as("each writer was late once").hasSize(WRITERS);
            try (Bitcask again = open(durability)) {
                assertThat(again.size()).isEqualTo(before + acknowledged.size());
                for (String key : acknowledged) {
                    assertThat(again.get(bytes(key))).as(key).isNotNull();
                }
            }
        }
    }

    private static Void write(
            Bitcask store, String prefix, CountDownLatch running, Set<String> acknowledged, Set<String> refused)
            throws IOException {
        for (int i = 0; ; i++) {
            String key = prefix + i;
            try {
                store.put(bytes(key), bytes("value"));
            } catch (StoreClosedException e) {
                refused.add(key);
                return null;
            }
            acknowledged.add(key);
            if (i == 2) {
                running.countDown();
            }
        }
    }

    @Test
    void readersThatAreLateAreToldThatItIsClosed() throws Exception {
        Bitcask store = open(Durability.NONE);
        for (int i = 0; i < 500; i++) {
            store.put(bytes("key" + i), new byte[100]);
        }
        CountDownLatch running = new CountDownLatch(WRITERS);
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<Boolean>> readers = new ArrayList<>();
            for (int reader = 0; reader < WRITERS; reader++) {
                readers.add(threads.submit(() -> readUntilClosed(store, running)));
            }
            running.await();
            store.close();
            for (Future<Boolean> each : readers) {
                assertThat(each.get()).isTrue();
            }
        }
    }

    private static boolean readUntilClosed(Bitcask store, CountDownLatch running) throws IOException {
        for (int i = 0; ; i++) {
            try {
                assertThat(store.get(bytes("key" + i % 500))).isNotNull();
            } catch (StoreClosedException e) {
                return true;
            }
            if (i == 2) {
                running.countDown();
            }
        }
    }

    @Test
    void closingWaitsForAMergeThatGivesUp() throws Exception {
        Bitcask store =
                Bitcask.open(DIRECTORY, options(Durability.NONE).withMerges(new MergeOptions(false, 0.25, 0)), disk);
        for (int i = 0; i < 5000; i++) {
            store.put(bytes("key" + i % 500), new byte[100]);
        }
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            CountDownLatch merging = new CountDownLatch(1);
            Future<Boolean> merge = threads.submit(() -> {
                merging.countDown();
                try {
                    while (true) {
                        store.merge();
                    }
                } catch (StoreClosedException e) {
                    return true;
                }
            });
            merging.await();
            store.close();
            long closed = disk.operationCount();
            assertThat(merge.get()).isTrue();
            assertThat(disk.operationCount()).isEqualTo(closed);
        }
        try (Bitcask again = open(Durability.NONE)) {
            assertThat(again.size()).isEqualTo(500);
        }
    }
}
