package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.disk.FaultyDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Several keys read in one call.
@Timeout(60)
final class GetAllTest {

    private static final Path DIRECTORY = Path.of("/data");

    private final FaultyDisk disk = new FaultyDisk(1);
    private final ManualClock clock = new ManualClock();

    private Bitcask open(long cacheBytes) throws IOException {
        return Bitcask.open(
                DIRECTORY,
                Options.defaults()
                        .withDurability(Durability.NONE)
                        .withCacheBytes(cacheBytes)
                        .withClock(clock),
                disk);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<@Nullable String> values(Bitcask store, String... keys) throws IOException {
        return store.getAll(Arrays.stream(keys).map(GetAllTest::bytes).toList()).stream()
                .<@Nullable String>map(
                        entry -> entry == null ? null : new String(entry.value(), StandardCharsets.UTF_8))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1 << 20})
    void recordsComeInTheOrderOfTheirKeysAndMissingOnesAreNull(long cacheBytes) throws IOException {
        try (Bitcask store = open(cacheBytes)) {
            store.put(bytes("a"), bytes("1"));
            store.put(bytes("b"), bytes("2"));
            store.put(bytes("gone"), bytes("3"));
            store.delete(bytes("gone"));
            for (int i = 0; i < 2; i++) {
                assertThat(values(store, "b", "missing", "a", "gone", "b")).containsExactly("2", null, "1", null, "2");
            }
            assertThat(values(store)).isEmpty();
        }
    }

    /// By the time at which the old record has expired, the key has another.
    @Test
    void aRecordThatReplacedOneBeforeItExpiredIsFound() throws IOException {
        AtomicBoolean replaced = new AtomicBoolean(true);
        AtomicReference<Bitcask> open = new AtomicReference<>();
        InstantSource late = () -> {
            if (!replaced.getAndSet(true)) {
                put(open.get(), "a", "new");
                clock.advance(2_000);
            }
            return clock.instant();
        };
        Options options = Options.defaults()
                .withDurability(Durability.NONE)
                .withCacheBytes(0)
                .withClock(late);
        try (Bitcask store = Bitcask.open(DIRECTORY, options, disk)) {
            open.set(store);
            for (int i = 0; i < 2; i++) {
                store.put(bytes("a"), bytes("old"), Duration.ofSeconds(1));
                replaced.set(false);
                List<@Nullable String> found = i == 0
                        ? values(store, "a")
                        : List.of(new String(
                                Objects.requireNonNull(store.get(bytes("a"))).value(), StandardCharsets.UTF_8));
                assertThat(found).containsExactly("new");
            }
        }
    }

    private static void put(Bitcask store, String key, String value) {
        try {
            store.put(bytes(key), bytes(value));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void expiredRecordsAreNullAndStaySoWhenTheClockIsSetBack() throws IOException {
        try (Bitcask store = open(0)) {
            store.put(bytes("a"), bytes("1"), Duration.ofSeconds(1));
            store.put(bytes("b"), bytes("2"), Duration.ofSeconds(9));
            clock.advance(2_000);
            assertThat(values(store, "a", "b")).containsExactly(null, "2");
            clock.advance(-2_000);
            assertThat(values(store, "a", "b")).containsExactly(null, "2");
        }
    }

    @Test
    void cachedArraysAreNotShared() throws IOException {
        try (Bitcask store = open(1 << 20)) {
            store.put(bytes("a"), bytes("1"));
            for (int i = 0; i < 3; i++) {
                Entry entry =
                        Objects.requireNonNull(store.getAll(List.of(bytes("a"))).getFirst());
                assertThat(entry.value()).isEqualTo(bytes("1"));
                entry.value()[0] = 0;
                entry.key()[0] = 0;
            }
        }
    }

    @Test
    void aKeyThatCannotBeIsRefused() throws IOException {
        try (Bitcask store = open(0)) {
            assertThatThrownBy(() -> store.getAll(List.of(bytes("a"), new byte[0])))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void keysThatMoveMeanwhileAreFound(@TempDir Path directory) throws Exception {
        int count = 64;
        List<byte[]> keys =
                IntStream.range(0, count).mapToObj(i -> bytes("key" + i)).toList();
        try (Bitcask store = Bitcask.open(
                        directory,
                        Options.defaults().withDurability(Durability.NONE).withSegmentBytes(16 << 10));
                ExecutorService threads = Executors.newCachedThreadPool()) {
            for (byte[] key : keys) {
                store.put(key, key);
            }
            AtomicBoolean over = new AtomicBoolean();
            Future<Long> reader = threads.submit(() -> {
                long rounds = 0;
                for (; !over.get() || rounds == 0; rounds++) {
                    List<@Nullable Entry> entries = store.getAll(keys);
                    for (int i = 0; i < count; i++) {
                        assertThat(Objects.requireNonNull(entries.get(i)).value())
                                .isEqualTo(keys.get(i));
                    }
                }
                return rounds;
            });
            for (int i = 0; i < 20 * count; i++) {
                store.put(keys.get(i % count), keys.get(i % count));
                if (i % count == 0) {
                    store.merge();
                }
            }
            over.set(true);
            assertThat(reader.get()).isPositive();
        }
    }
}
