package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Readers of what is being written, on a real disk, while segments are begun, sealed, merged and closed.
@Timeout(120)
final class NewestReadsTest {

    private static final int KEYS = 64;
    private static final int MAX_VALUE_BYTES = 6_000;
    private static final int READERS = 3;
    private static final int STORES = 2;
    private static final int SEALED = 6;
    private static final int SEGMENT_BYTES = 5 << 20;

    @TempDir
    private Path directory = Path.of("");

    private static byte[] key(int number) {
        return ("key" + number).getBytes(StandardCharsets.UTF_8);
    }

    /// A value that tells its key and version in each of its words.
    private static byte[] value(int number, long version) {
        int words = 1 + (int) ((version * 31 + number) % (MAX_VALUE_BYTES / Long.BYTES));
        ByteBuffer value = ByteBuffer.allocate(words * Long.BYTES);
        while (value.hasRemaining()) {
            value.putLong(version * KEYS + number);
        }
        return value.array();
    }

    /// The version of a value that is whole.
    private static long versionOf(int number, byte[] value) {
        long version = ByteBuffer.wrap(value).getLong() / KEYS;
        assertThat(value).isEqualTo(value(number, version));
        return version;
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void everyReadSeesAWholeValueAndNoneGoesBack(Durability durability) throws Exception {
        Options options = Options.defaults()
                .withDurability(durability)
                .withSegmentBytes(SEGMENT_BYTES)
                .withScrub(Duration.ofDays(1), 0)
                .withMerges(new MergeOptions(true, 0.1, 0));
        AtomicLong version = new AtomicLong();
        for (int i = 0; i < STORES; i++) {
            Bitcask store = Bitcask.open(directory, options);
            for (int number = 0; number < KEYS; number++) {
                store.put(key(number), value(number, version.get()));
            }
            AtomicInteger reading = new AtomicInteger();
            try (ExecutorService threads = Executors.newCachedThreadPool()) {
                List<Future<Long>> readers = new ArrayList<>();
                for (int reader = 0; reader < READERS; reader++) {
                    long seed = reader;
                    readers.add(threads.submit(() -> readUntilClosed(store, seed, reading)));
                }
                write(store, version, durability == Durability.SYNC ? 1 : SEALED, reading);
                store.close();
                for (Future<Long> each : readers) {
                    assertThat(each.get()).isPositive();
                }
            }
        }
    }

    private static void write(Bitcask store, AtomicLong version, int segments, AtomicInteger reading)
            throws IOException {
        SplittableRandom random = new SplittableRandom(version.get());
        long left = (long) segments * SEGMENT_BYTES;
        while (left > 0 || reading.get() < READERS) {
            int number = random.nextInt(KEYS);
            byte[] value = value(number, version.incrementAndGet());
            store.put(key(number), value);
            left -= value.length;
        }
    }

    /// @return how many values it read
    private static long readUntilClosed(Bitcask store, long seed, AtomicInteger reading) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        long[] seen = new long[KEYS];
        for (long count = 0; ; count++) {
            int number = random.nextInt(KEYS);
            byte[] value;
            try {
                value = Objects.requireNonNull(store.get(key(number))).value();
            } catch (StoreClosedException e) {
                return count;
            }
            long version = versionOf(number, value);
            assertThat(version).isGreaterThanOrEqualTo(seen[number]);
            seen[number] = version;
            if (count == 0) {
                reading.incrementAndGet();
            }
        }
    }
}
