package io.caskade.bench.parts;

import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.keydir.Keydir;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;

/// Hashing a key, and finding and putting it among many.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class KeydirBenchmark {

    /// How many keys there are: one that fits the processor's caches, and one that does not.
    @Param({"10000", "1000000"})
    public int keys;

    private final KeyHasher hasher = new KeyHasher(new byte[KeyHasher.SECRET_BYTES]);
    private final SplittableRandom random = new SplittableRandom(1);
    private final byte[] key = new byte[16];
    private Keydir keydir = new Keydir();

    /// Fills the keydir.
    @Setup
    public void fill() {
        keydir = new Keydir();
        for (int i = 0; i < keys; i++) {
            keydir.put(hash(i), i + 1L);
        }
    }

    /// Hashes number `number` well enough for a key's place.
    private static KeyHash hash(long number) {
        SplittableRandom bits = new SplittableRandom(number);
        return new KeyHash(bits.nextLong(), bits.nextLong());
    }

    /// What the others take before they come to the keydir.
    @Benchmark
    public KeyHash drawHash() {
        return hash(random.nextInt(keys));
    }

    /// Hashes a key of 16 bytes.
    @Benchmark
    public KeyHash hashKey() {
        key[0]++;
        return hasher.hash(key);
    }

    /// Finds a key that is there.
    @Benchmark
    public long find() {
        return keydir.find(hash(random.nextInt(keys)));
    }

    /// Gives a key that is there another location.
    @Benchmark
    public long put() {
        int number = random.nextInt(keys);
        return keydir.put(hash(number), number + 1L);
    }
}
