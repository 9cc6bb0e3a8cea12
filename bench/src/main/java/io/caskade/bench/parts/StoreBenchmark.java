package io.caskade.bench.parts;

import io.caskade.bitcask.Bitcask;
import io.caskade.bitcask.Durability;
import io.caskade.bitcask.Entry;
import io.caskade.bitcask.Options;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Whole gets and puts of a store whose files the system has cached. With `-prof gc` it shows what they
/// allocate: a get nothing but what it returns (160 bytes here), a put nothing.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class StoreBenchmark {

    private static final int KEYS = 500_000;
    private static final int KEY_BYTES = 16;
    private static final int VALUE_BYTES = 100;

    /// The value cache's size; 0 for none.
    @Param({"0", "268435456"})
    public long cacheBytes;

    private final byte[] value = new byte[VALUE_BYTES];
    private @Nullable Path directory;
    private @Nullable Bitcask store;

    /// Fills a store in the system's directory for temporary files.
    @Setup
    public void open() throws IOException {
        Path created = Files.createTempDirectory("caskade-jmh");
        directory = created;
        Bitcask opened = Bitcask.open(
                created, Options.defaults().withDurability(Durability.NONE).withCacheBytes(cacheBytes));
        store = opened;
        SplittableRandom random = new SplittableRandom(1);
        Draw draw = new Draw();
        for (int i = 0; i < KEYS; i++) {
            random.nextBytes(value);
            opened.put(draw.key(i), value);
        }
    }

    /// Removes the store.
    @TearDown
    public void close() throws IOException {
        Objects.requireNonNull(store).close();
        try (Stream<Path> paths = Files.walk(Objects.requireNonNull(directory))) {
            paths.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    /// Draws keys into one array, so that drawing allocates nothing.
    @State(Scope.Thread)
    public static class Draw {
        private final SplittableRandom random = new SplittableRandom(2);
        private final ByteBuffer key = ByteBuffer.allocate(KEY_BYTES);

        byte[] key(long number) {
            return key.putLong(0, number).array();
        }

        byte[] next() {
            return key(random.nextInt(KEYS));
        }
    }

    /// Gets a key that is there.
    @Benchmark
    public @Nullable Entry get(Draw draw) throws IOException {
        return Objects.requireNonNull(store).get(draw.next());
    }

    /// Overwrites a key, never synced.
    @Benchmark
    public void put(Draw draw) throws IOException {
        Objects.requireNonNull(store).put(draw.next(), value);
    }
}
