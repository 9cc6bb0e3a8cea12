package io.caskade.bench.parts;

import io.caskade.bitcask.record.BatchEncoder;
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

/// Encoding a record of one batch, its checksum included.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EncodeBenchmark {

    /// The value's length.
    @Param({"100", "4096"})
    public int valueBytes;

    private final BatchEncoder encoder = new BatchEncoder();
    private final byte[] key = new byte[16];
    private byte[] value = {};
    private long sequence;

    /// Draws the value.
    @Setup
    public void draw() {
        value = new byte[valueBytes];
        new SplittableRandom(1).nextBytes(value);
    }

    /// One group of one record.
    @Benchmark
    public int encode() {
        encoder.start(1, ++sequence);
        encoder.put(key, value, 0);
        encoder.endBatch();
        return encoder.size();
    }
}
