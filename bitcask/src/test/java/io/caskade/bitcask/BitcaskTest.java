package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.disk.FaultyDisk.Kind;
import io.caskade.bitcask.disk.PowerFailureException;
import io.caskade.bitcask.record.RecordFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The library as its user sees it.
final class BitcaskTest {

    private static final Path DIRECTORY = Path.of("/data");

    private final FaultyDisk disk = new FaultyDisk(1);
    private final ManualClock clock = new ManualClock();

    /// Puts, gets, deletes and scans.
    @Nested
    class Records {

        @Test
        void aKeyHasItsLastValue() throws IOException {
            try (Bitcask store = open()) {
                assertThat(get(store, "a")).isNull();
                put(store, "a", "1");
                put(store, "a", "2");
                assertThat(get(store, "a")).isEqualTo("2");
                assertThat(store.size()).isEqualTo(1);
            }
        }

        @Test
        void aDeletedKeyHasNoValueAndDeletingAMissingOneWritesNothing() throws IOException {
            try (Bitcask store = open()) {
                put(store, "a", "1");
                store.delete(bytes("a"));
                assertThat(get(store, "a")).isNull();
                long before = disk.operationCount();
                store.delete(bytes("a"));
                assertThat(disk.operationCount()).isEqualTo(before);
            }
        }

        @Test
        void theStatisticsFollowTheWrites() throws IOException {
            try (Bitcask store = open()) {
                put(store, "a", "1");
                Statistics before = store.statistics();
                put(store, "b", "2");
                Statistics after = store.statistics();
                Entry newest = Objects.requireNonNull(store.get(bytes("b")));
                assertThat(after.keys()).isEqualTo(2);
                assertThat(after.version()).isEqualTo(newest.version()).isGreaterThan(before.version());
                assertThat(after.space().liveBytes())
                        .isGreaterThan(before.space().liveBytes());
                assertThat(after.keydirBytes()).isPositive();
                assertThat(after.scrub()).isEqualTo(store.scrubReport());
            }
        }

        @Test
        void anEmptyValueIsNotAMissingValue() throws IOException {
            try (Bitcask store = open()) {
                put(store, "a", "");
                assertThat(get(store, "a")).isEmpty();
            }
        }

        @Test
        void everythingIsThereAfterClosingAndAfterAPowerFailure() throws IOException {
            try (Bitcask store = open()) {
                put(store, "a", "1");
                put(store, "b", "2");
                store.delete(bytes("a"));
            }
            Bitcask store = open();
            assertThat(all(store)).isEqualTo(Map.of("b", "2"));
            put(store, "c", "3");
            disk.powerFailure();
            try (Bitcask again = open()) {
                assertThat(all(again)).isEqualTo(Map.of("b", "2", "c", "3"));
            }
        }

        @Test
        void theRealDiskKeepsRecordsToo(@TempDir Path directory) throws IOException {
            Path deep = directory.resolve("a/b");
            try (Bitcask store = Bitcask.open(deep, Options.defaults().withSegmentBytes(4096))) {
                for (int i = 0; i < 300; i++) {
                    put(store, "key" + i, "value".repeat(i % 50) + i);
                }
                assertThatThrownBy(() -> Bitcask.open(deep, Options.defaults()))
                        .isInstanceOf(DirectoryInUseException.class);
            }
            try (Bitcask store = Bitcask.open(deep, Options.defaults())) {
                assertThat(store.size()).isEqualTo(300);
                for (int i = 0; i < 300; i++) {
                    assertThat(get(store, "key" + i)).isEqualTo("value".repeat(i % 50) + i);
                }
            }
        }

        @Test
        void anInterruptedCallerDoesNoHarm(@TempDir Path directory) throws IOException {
            try (Bitcask store = Bitcask.open(directory, Options.defaults())) {
                put(store, "before", "1");
                Thread.currentThread().interrupt();
                put(store, "during", "2");
                assertThat(get(store, "before")).isEqualTo("1");
                assertThat(Thread.interrupted()).isTrue();
                assertThat(get(store, "during")).isEqualTo("2");
                put(store, "after", "3");
            }
        }

        @Test
        void closingIsIdempotent() throws IOException {
            Bitcask store = open();
            put(store, "a", "1");
            store.close();
            try (Bitcask next = open()) {
                store.close();
                put(next, "b", "2");
                assertThat(all(next)).isEqualTo(Map.of("a", "1", "b", "2"));
            }
        }

        @Test
        void aScanListsEveryKeyOnceWhileAnotherThreadInserts() throws Exception {
            int stable = 1_500;
            try (Bitcask store = Bitcask.open(DIRECTORY, options().withDurability(Durability.NONE), disk);
                    ExecutorService threads = Executors.newCachedThreadPool()) {
                for (int i = 0; i < stable; i++) {
                    put(store, "stable" + i, "v");
                }
                AtomicBoolean done = new AtomicBoolean();
                Future<Integer> inserted = threads.submit(() -> {
                    int count = 0;
                    while (!done.get() && count < 60_000) {
                        put(store, "new" + count, "v");
                        if (count % 3 == 0) {
                            store.delete(bytes("new" + count / 2));
                        }
                        count++;
                    }
                    return count;
                });
                try {
                    for (int round = 0; round < 15; round++) {
                        Map<String, Integer> seen = new HashMap<>();
                        long position = 0;
                        do {
                            ScanPage page = store.scan(position, 1 + round * 3);
                            page.entries().forEach(entry -> seen.merge(text(entry.key()), 1, Integer::sum));
                            position = page.next();
                        } while (position != 0);
                        assertThat(seen.values()).as("round %d", round).containsOnly(1);
                        for (int i = 0; i < stable; i++) {
                            assertThat(seen).as("round %d", round).containsKey("stable" + i);
                        }
                    }
                } finally {
                    done.set(true);
                }
                assertThat(inserted.get()).as("inserts while scanning").isPositive();
            }
        }
    }

    /// Arguments out of range.
    @Nested
    class Bounds {

        @Test
        void keysOfOneTo65535BytesAreTaken() throws IOException {
            try (Bitcask store = open()) {
                byte[] longest = new byte[RecordFormat.MAX_KEY_BYTES];
                store.put(longest, bytes("v"));
                assertThat(store.get(longest)).isNotNull();
                for (byte[] key : List.of(new byte[0], new byte[RecordFormat.MAX_KEY_BYTES + 1])) {
                    assertThatThrownBy(() -> store.put(key, bytes("v"))).isInstanceOf(IllegalArgumentException.class);
                    assertThatThrownBy(() -> store.get(key)).isInstanceOf(IllegalArgumentException.class);
                    assertThatThrownBy(() -> store.delete(key)).isInstanceOf(IllegalArgumentException.class);
                }
            }
        }

        @Test
        void aValueLongerThanTheLimitIsRefusedByName() throws IOException {
            try (Bitcask store = Bitcask.open(DIRECTORY, options().withMaxValueBytes(10), disk)) {
                store.put(bytes("a"), new byte[10]);
                assertThatThrownBy(() -> store.put(bytes("a"), new byte[11]))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("11 bytes; maxValueBytes is 10");
            }
        }

        @Test
        void timesToLiveOutOfRangeAreRefused() throws IOException {
            try (Bitcask store = open()) {
                for (Duration ttl : List.of(Duration.ZERO, Duration.ofNanos(999_999), Duration.ofSeconds(-1))) {
                    assertThatThrownBy(() -> store.put(bytes("a"), bytes("v"), ttl))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("at least 1 ms");
                }
                assertThatThrownBy(() -> store.put(bytes("a"), bytes("v"), Duration.ofSeconds(Long.MAX_VALUE)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("1000 years");
            }
        }

        @Test
        void optionsOutOfRangeAreRefusedByName() {
            assertThatThrownBy(() -> options().withSegmentBytes(4095)).hasMessageContaining("segmentBytes is 4095");
            assertThatThrownBy(() -> options().withSegmentBytes((1L << 30) + 1)).hasMessageContaining("segmentBytes");
            assertThatThrownBy(() -> options().withMaxValueBytes(-1)).hasMessageContaining("maxValueBytes is -1");
            assertThatThrownBy(() -> options().withCacheBytes(-1)).hasMessageContaining("cacheBytes is -1");
            assertThatThrownBy(() -> options().withDiskReserve(-1)).hasMessageContaining("diskReserveBytes is -1");
            assertThatThrownBy(() -> options().withSyncInterval(Duration.ZERO)).hasMessageContaining("syncInterval");
        }

        @Test
        void pageSizesOutOfRangeAreRefusedOrCapped() throws IOException {
            try (Bitcask store = open()) {
                put(store, "a", "1");
                assertThatThrownBy(() -> store.scan(0, 0)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> store.scan(0, -5)).isInstanceOf(IllegalArgumentException.class);
                assertThat(store.scan(0, Integer.MAX_VALUE).entries()).hasSize(1);
            }
        }
    }

    /// Records that expire, whatever the clock does.
    @Nested
    class Expiry {

        @Test
        void aRecordIsGoneOnceItExpires() throws IOException {
            try (Bitcask store = open()) {
                store.put(bytes("a"), bytes("1"), Duration.ofMillis(100));
                clock.advance(99);
                assertThat(get(store, "a")).isEqualTo("1");
                clock.advance(1);
                assertThat(get(store, "a")).isNull();
                put(store, "a", "2");
                assertThat(get(store, "a")).isEqualTo("2");
            }
        }

        /// Schedule 19.
        @Test
        void anExpiredRecordStaysGoneWhenTheClockIsSetBack() throws IOException {
            Bitcask store = open();
            store.put(bytes("a"), bytes("1"), Duration.ofMillis(100));
            clock.advance(100);
            assertThat(get(store, "a")).isNull();
            clock.advance(-500);
            assertThat(get(store, "a")).isNull();
            disk.powerFailure();
            try (Bitcask again = open()) {
                assertThat(get(again, "a")).isNull();
                assertThat(all(again)).isEmpty();
            }
        }

        @Test
        void aScanThatSkipsAnExpiredRecordWritesTheTimeToTheLog() throws IOException {
            Bitcask store = open();
            store.put(bytes("a"), bytes("1"), Duration.ofMillis(100));
            put(store, "b", "2");
            clock.advance(100);
            assertThat(all(store)).isEqualTo(Map.of("b", "2"));
            clock.advance(-500);
            assertThat(all(store)).isEqualTo(Map.of("b", "2"));
            disk.powerFailure();
            try (Bitcask again = open()) {
                assertThat(all(again)).isEqualTo(Map.of("b", "2"));
            }
        }

        @Test
        void aClockSetBackWhileTheTimeIsWrittenChangesNothing() throws IOException {
            Deque<Long> times = new ArrayDeque<>();
            InstantSource jumping = new InstantSource() {
                @Override
                public Instant instant() {
                    Long next = times.poll();
                    return Instant.ofEpochMilli(next == null ? 1_000 : next);
                }
            };
            try (Bitcask store = Bitcask.open(DIRECTORY, options().withClock(jumping), disk)) {
                store.put(bytes("a"), bytes("1"), Duration.ofMillis(100));
                times.add(1_100L);
                assertThat(get(store, "a")).isNull();
                assertThat(times).isEmpty();
                assertThat(get(store, "a")).isNull();
            }
        }

        @Test
        void aRecordWrittenAfterTheClockWasSetBackLivesAsLongAsItShould() throws IOException {
            try (Bitcask store = open()) {
                put(store, "a", "1");
                clock.advance(-3_600_000);
                store.put(bytes("b"), bytes("2"), Duration.ofSeconds(5));
                assertThat(get(store, "b")).isEqualTo("2");
            }
        }

        @Test
        void readingAnExpiredRecordAgainWritesNothing() throws IOException {
            try (Bitcask store = open()) {
                store.put(bytes("a"), bytes("1"), Duration.ofMillis(100));
                clock.advance(100);
                assertThat(get(store, "a")).isNull();
                long before = disk.operationCount();
                clock.advance(1_000);
                assertThat(get(store, "a")).isNull();
                assertThat(all(store)).isEmpty();
                assertThat(disk.operationCount()).isEqualTo(before);
            }
        }
    }

    /// Full and failing disks, and power failures.
    @Nested
    class Failures {

        @Test
        void aFullDiskIsTheExceptionsCauseAndTheWriteDidNotHappen() throws IOException {
            try (Bitcask store = open()) {
                put(store, "a", "1");
                disk.setFreeBytes(20);
                assertThatThrownBy(() -> put(store, "a", "2".repeat(1 << 20)))
                        .isInstanceOf(IOException.class)
                        .hasCauseInstanceOf(DiskFullException.class);
                assertThat(get(store, "a")).isEqualTo("1");
                disk.setFreeBytes(1 << 20);
                put(store, "b", "3");
                assertThat(all(store)).isEqualTo(Map.of("a", "1", "b", "3"));
            }
        }

        @ParameterizedTest
        @EnumSource(
                value = Durability.class,
                names = {"INTERVAL", "NONE"})
        void aPowerFailureWithoutSyncsKeepsAPrefixAndIsNotDamage(Durability durability) throws IOException {
            Options relaxed = options().withDurability(durability).withSyncInterval(Duration.ofHours(1));
            for (int seed = 0; seed < 200; seed++) {
                String when = "seed " + seed;
                Random random = new Random(seed);
                FaultyDisk other = new FaultyDisk(seed);
                Bitcask store = Bitcask.open(DIRECTORY, relaxed, other);
                int written = 20 + random.nextInt(60);
                int synced = random.nextInt(written);
                for (int i = 0; i < written; i++) {
                    // Long enough for a MARK with each.
                    clock.advance(200);
                    put(store, "k" + i, "v".repeat(random.nextInt(300)));
                    if (i == synced) {
                        store.sync();
                    }
                }
                other.powerFailure(random);
                // Ends its threads.
                assertThatThrownBy(store::close).isInstanceOf(PowerFailureException.class);
                try (Bitcask again = Bitcask.open(DIRECTORY, relaxed, other)) {
                    int left = (int) again.size();
                    assertThat(left).as(when).isBetween(synced + 1, written);
                    for (int i = 0; i < left; i++) {
                        assertThat(get(again, "k" + i)).as(when).isNotNull();
                    }
                }
            }
        }

        @Test
        void afterAFailedSyncReadsGoOnAndWritesAreRefused() throws IOException {
            Bitcask store = open();
            put(store, "a", "1");
            disk.fail(Kind.SYNC, 1);
            assertThatThrownBy(() -> put(store, "a", "2")).hasMessageContaining("Input/output error");
            long before = disk.operationCount();
            assertThat(get(store, "a")).isEqualTo("1");
            assertThatThrownBy(() -> put(store, "a", "3")).hasMessageContaining("refuses writes");
            assertThatThrownBy(store::sync).hasMessageContaining("refuses writes");
            assertThatThrownBy(store::close).hasMessageContaining("refuses writes");
            assertThat(disk.operationCount()).isEqualTo(before);
            try (Bitcask again = open()) {
                assertThat(get(again, "a")).isIn("1", "2");
            }
        }
    }

    // Limits

    // Expiry

    // Failing disks

    // Scans

    private Bitcask open() throws IOException {
        return Bitcask.open(DIRECTORY, options(), disk);
    }

    private Options options() {
        return Options.defaults().withSegmentBytes(4096).withDiskReserve(0).withClock(clock);
    }

    private static Map<String, String> all(Bitcask store) throws IOException {
        Map<String, String> all = new HashMap<>();
        Set<Long> positions = new HashSet<>();
        long position = 0;
        do {
            assertThat(positions.add(position)).as("positions differ").isTrue();
            ScanPage page = store.scan(position, 2);
            page.entries().forEach(entry -> all.put(text(entry.key()), text(entry.value())));
            position = page.next();
        } while (position != 0);
        return all;
    }

    private static void put(Bitcask store, String key, String value) throws IOException {
        store.put(bytes(key), bytes(value));
    }

    private static @Nullable String get(Bitcask store, String key) throws IOException {
        Entry entry = store.get(bytes(key));
        return entry == null ? null : text(entry.value());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
