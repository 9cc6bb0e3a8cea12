package io.caskade.bench.engine;

import io.caskade.bench.data.KeyValues;
import io.caskade.bench.time.Pause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.SplittableRandom;

/// The entry point of a process of its own, which is killed, or whose memory is measured or limited.
final class ChildMain {

    /// Puts after the last sync, which a kill must not damage the store for.
    private static final int UNSYNCED_PUTS = 10_000;

    static final int SYNC_INTERVAL = 100_000;

    /// What it says when it has written all, and waits to be killed.
    static final String WRITTEN = "written";

    private static final int WARM_KEYS = 20_000;
    private static final int WARM_OPENINGS = 20;
    private static final int GETS = 100;
    private static final Duration WARMUP = Duration.ofSeconds(2);

    private ChildMain() {}

    /// `write ENGINE DIRECTORY KEYS SEED VERSION COUNT`, `memory ENGINE DIRECTORY KEYS SEED KEY_BYTES` or
    /// `read ENGINE DIRECTORY KEYS SEED SECONDS`.
    public static void main(String[] arguments) throws IOException {
        EngineKind kind = EngineKind.of(arguments[1]);
        Path directory = Path.of(arguments[2]);
        int keys = Integer.parseInt(arguments[3]);
        long seed = Long.parseLong(arguments[4]);
        int last = Integer.parseInt(arguments[5]);
        switch (arguments[0]) {
            case "write" -> {
                KeyValues records = new KeyValues(EngineBenchmark.KEY_BYTES, EngineBenchmark.VALUE_BYTES, seed);
                write(kind.open(directory, WriteMode.SYNC_ON_DEMAND), records, Integer.parseInt(arguments[6]), last);
                System.out.println(WRITTEN);
                Pause.of(Duration.ofMillis(Long.MAX_VALUE));
            }
            case "memory" ->
                System.out.println(
                        memory(kind, directory, keys, new KeyValues(last, EngineBenchmark.VALUE_BYTES, seed)));
            case "read" ->
                System.out.println(read(
                        kind,
                        directory,
                        keys,
                        new KeyValues(EngineBenchmark.KEY_BYTES, EngineBenchmark.VALUE_BYTES, seed),
                        Duration.ofSeconds(last)));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    /// Leaves the store as a kill would find it: most of it synced, the last puts not.
    private static void write(Engine engine, KeyValues records, int count, int version) throws IOException {
        fill(engine, records, count, version);
        for (int i = 0; i < Math.min(count, UNSYNCED_PUTS); i++) {
            engine.put(records.key(i), records.value(i, version + 1L));
        }
    }

    /// Puts the keys of the numbers below `count` and syncs, in between too.
    static void fill(Engine engine, KeyValues records, int count, int version) throws IOException {
        for (int i = 0; i < count; i++) {
            engine.put(records.key(i), records.value(i, version));
            if (i % SYNC_INTERVAL == SYNC_INTERVAL - 1) {
                engine.sync();
            }
        }
        engine.sync();
    }

    /// By how many bytes the process grows when it opens a store and reads from it. A small one is opened
    /// often before, so that code and buffers are there already.
    private static long memory(EngineKind kind, Path directory, int keys, KeyValues records) throws IOException {
        Path small = Files.createDirectories(directory.resolveSibling("small"));
        int warmKeys = Math.min(WARM_KEYS, keys);
        for (int i = 0; i < WARM_OPENINGS; i++) {
            try (Engine engine = kind.open(small, WriteMode.SYNC_ON_DEMAND)) {
                if (i == 0) {
                    fill(engine, records, warmKeys, 0);
                }
                readSome(engine, records, warmKeys);
            }
        }
        long before = MemoryUse.bytes(kind, directory);
        try (Engine engine = kind.open(directory, WriteMode.SYNC_ON_DEMAND)) {
            readSome(engine, records, keys);
            return MemoryUse.bytes(kind, directory) - before;
        }
    }

    private static void readSome(Engine engine, KeyValues records, int keys) throws IOException {
        for (int i = 0; i < GETS; i++) {
            Objects.requireNonNull(engine.get(records.key((long) i * keys / GETS)));
        }
    }

    private static double read(EngineKind kind, Path directory, int keys, KeyValues records, Duration time)
            throws IOException {
        try (Engine engine = kind.open(directory, WriteMode.SYNC_ON_DEMAND)) {
            return ThroughputMeter.perSecond(1, WARMUP, time, thread -> {
                SplittableRandom random = new SplittableRandom(records.seed());
                return () -> Objects.requireNonNull(engine.get(records.key(random.nextInt(keys))));
            });
        }
    }
}
