package io.caskade.bench.engine;

import io.caskade.bench.data.KeyValues;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// Runs the workloads, each on every engine in turn before the next, in rounds.
final class EngineBenchmark {

    static final int KEY_BYTES = 16;
    static final int VALUE_BYTES = 100;

    private static final int LONG_KEY_BYTES = 64;
    private static final int FSYNC_THREADS = 16;
    private static final int OVERWRITES = 5;
    private static final int FAST_OVERWRITES = 20;
    private static final int MAX_KEYS_REWRITTEN = 500_000;
    /// So few that no engine has moved them from where new records go: 3 MB.
    private static final int NEWEST_KEYS = 20_000;

    private static final int GARBAGE_OPERATIONS = 20_000;

    /// Puts a second whose latency is recorded: all engines keep up with it.
    private static final int PACED_PUTS = 10_000;

    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final double MICROS = 1e3;

    /// What a process may have, its Java and the system's cache of its files together; the data is twice as
    /// large.
    private static final long COLD_LIMIT_BYTES = 768L << 20;

    private static final List<String> COLD_HEAP = List.of("-Xmx128m", "-XX:+UseSerialGC");
    private static final int COLD_SECONDS = 10;

    private static final String PER_SECOND = "op/s";
    private static final String SECONDS = "s";
    private static final String BYTES_PER_KEY = "B/key";
    private static final String BYTES_PER_OPERATION = "B/op";
    private static final String MICROSECONDS = "us";
    private static final String TIMES_LIVE = "x live data";

    private final Plan plan;
    private final List<EngineKind> engines;
    private final Path directory;
    private final KeyValues records;
    private final long seed;
    private final PrintStream progress;
    private final Results results = new Results();

    /// A benchmark that keeps its stores in a directory of its own, and tells on `progress` how far it is.
    EngineBenchmark(Plan plan, List<EngineKind> engines, Path directory, long seed, PrintStream progress) {
        this.plan = plan;
        this.engines = List.copyOf(engines);
        this.directory = directory;
        this.records = new KeyValues(KEY_BYTES, VALUE_BYTES, seed);
        this.seed = seed;
        this.progress = progress;
    }

    Results run() throws IOException {
        DiskUsage.remove(directory);
        for (int round = 1; round <= plan.rounds(); round++) {
            progress.printf(Locale.ROOT, "round %d of %d%n", round, plan.rounds());
            measureInMemory(round);
            measureNewest(round);
            measureSyncedPuts("fill-fsync-1", 1);
            measureSyncedPuts("fill-fsync-" + FSYNC_THREADS, FSYNC_THREADS);
        }
        reopen();
        measureMemory("memory-per-key-" + KEY_BYTES, KEY_BYTES);
        measureMemory("memory-per-key-" + LONG_KEY_BYTES, LONG_KEY_BYTES);
        measureSpace();
        measureFastOverwrites();
        DiskUsage.remove(directory);
        return results;
    }

    /// The open stores of a round.
    private final class Stores implements Closeable {
        private final Map<EngineKind, Engine> open = new EnumMap<>(EngineKind.class);

        Stores(String name, WriteMode mode) throws IOException {
            for (EngineKind kind : engines) {
                open.put(kind, kind.open(emptyDirectory(name, kind), mode));
            }
        }

        /// Does something with each store in turn; what it measured is a row's figure.
        void measure(String workload, String unit, Measurement measurement) throws IOException {
            for (EngineKind kind : engines) {
                record(workload, kind, measurement.of(Objects.requireNonNull(open.get(kind))), unit);
            }
        }

        /// Lets what was written go to the disk before the next workload.
        void settle() throws IOException {
            for (Engine engine : open.values()) {
                engine.sync();
                engine.settle();
            }
        }

        @Override
        public void close() throws IOException {
            for (Engine engine : open.values()) {
                engine.close();
            }
        }
    }

    private interface Measurement {
        double of(Engine engine) throws IOException;
    }

    private void record(String workload, EngineKind kind, double value, String unit) {
        results.add(workload, kind, value, unit);
        progress.printf(Locale.ROOT, "  %-26s %-8s %,15.2f %s%n", workload, kind.id(), value, unit);
    }

    private void absent(String workload, EngineKind kind, String unit, String reason) {
        results.absent(workload, kind, unit, reason);
        progress.printf(Locale.ROOT, "  %-26s %-8s %15s %s%n", workload, kind.id(), "–", reason);
    }

    private Path emptyDirectory(String name, EngineKind kind) throws IOException {
        Path path = directory.resolve(name).resolve(kind.id());
        DiskUsage.remove(path);
        return Files.createDirectories(path);
    }

    private void measureInMemory(int round) throws IOException {
        Zipf zipf = new Zipf(plan.keys());
        try (Stores stores = new Stores("memory", WriteMode.UNSYNCED)) {
            stores.measure("fill", PER_SECOND, this::fill);
            stores.settle();
            for (int threads = 1; threads <= 2; threads++) {
                int count = threads;
                stores.measure("read-" + threads, PER_SECOND, engine -> read(engine, plan.keys(), count, round));
                stores.measure("read-zipf-" + threads, PER_SECOND, engine -> readSkewed(engine, count, round, zipf));
            }
            for (int threads = 1; threads <= 2; threads++) {
                int count = threads;
                stores.measure("mix-" + threads, PER_SECOND, engine -> mix(engine, count, round));
                stores.settle();
            }
            measureLatencies(stores, round);
            if (round == 1) {
                measureAllocation(stores);
            }
        }
        DiskUsage.remove(directory.resolve("memory"));
    }

    /// Reads what was just put, and nothing older: what a log has not sealed yet.
    private void measureNewest(int round) throws IOException {
        int keys = Math.min(plan.keys(), NEWEST_KEYS);
        try (Stores stores = new Stores("newest", WriteMode.UNSYNCED)) {
            for (Engine engine : stores.open.values()) {
                fill(engine, keys);
            }
            for (int threads = 1; threads <= 2; threads++) {
                int count = threads;
                stores.measure("read-newest-" + threads, PER_SECOND, engine -> read(engine, keys, count, round));
            }
        }
        DiskUsage.remove(directory.resolve("newest"));
    }

    private double fill(Engine engine) throws IOException {
        return fill(engine, plan.keys());
    }

    private double fill(Engine engine, int keys) throws IOException {
        long before = System.nanoTime();
        for (int i = 0; i < keys; i++) {
            engine.put(records.key(i), records.value(i, 0));
        }
        return keys * (double) NANOS_PER_SECOND / (System.nanoTime() - before);
    }

    private double read(Engine engine, int keys, int threads, int round) throws IOException {
        return ThroughputMeter.perSecond(threads, plan.warmup(), plan.time(), thread -> {
            SplittableRandom random = random(round, thread);
            return () -> requireFound(engine.get(records.key(random.nextInt(keys))));
        });
    }

    private double readSkewed(Engine engine, int threads, int round, Zipf zipf) throws IOException {
        return ThroughputMeter.perSecond(threads, plan.warmup(), plan.time(), thread -> {
            SplittableRandom random = random(round, thread);
            // Ranks are scattered: keys that are often read do not lie side by side.
            return () -> requireFound(
                    engine.get(records.key(Math.floorMod(KeyValues.mix(zipf.next(random)), (long) plan.keys()))));
        });
    }

    private double mix(Engine engine, int threads, int round) throws IOException {
        return ThroughputMeter.perSecond(threads, plan.warmup(), plan.time(), thread -> {
            SplittableRandom random = random(round, thread);
            return () -> {
                long bits = random.nextLong();
                long number = Math.floorMod(bits >>> 1, (long) plan.keys());
                if ((bits & 1) == 0) {
                    requireFound(engine.get(records.key(number)));
                } else {
                    engine.put(records.key(number), records.value(number, bits));
                }
            };
        });
    }

    private SplittableRandom random(int round, int thread) {
        return new SplittableRandom(KeyValues.mix(seed + ((long) round << Integer.SIZE) + thread));
    }

    private static void requireFound(byte @Nullable [] value) {
        if (value == null || value.length != VALUE_BYTES) {
            throw new IllegalStateException("an engine does not find what was put");
        }
    }

    private void measureLatencies(Stores stores, int round) throws IOException {
        for (EngineKind kind : engines) {
            Histogram latencies = pacedPuts(Objects.requireNonNull(stores.open.get(kind)), round);
            addPercentiles("put-latency", kind, latencies);
        }
        if (engines.contains(EngineKind.CASKADE)) {
            measureLatenciesWhileMerging(round);
        }
    }

    /// The other engines cannot be kept merging without an end.
    private void measureLatenciesWhileMerging(int round) throws IOException {
        try (Engine engine = CaskadeEngine.merging(emptyDirectory("merging", EngineKind.CASKADE))) {
            fill(engine);
            engine.sync();
            addPercentiles("put-latency-merging", EngineKind.CASKADE, pacedPuts(engine, round));
        }
        DiskUsage.remove(directory.resolve("merging"));
    }

    private void addPercentiles(String workload, EngineKind kind, Histogram latencies) {
        record(workload + "-p50", kind, latencies.getValueAtPercentile(50) / MICROS, MICROSECONDS);
        record(workload + "-p99", kind, latencies.getValueAtPercentile(99) / MICROS, MICROSECONDS);
        record(workload + "-p999", kind, latencies.getValueAtPercentile(99.9) / MICROS, MICROSECONDS);
    }

    /// How long puts take that are due at a fixed pace, from when they were due: a stall counts for all that
    /// had to wait for its end.
    private Histogram pacedPuts(Engine engine, int round) throws IOException {
        SplittableRandom random = random(round, 0);
        Histogram latencies = new Histogram(3);
        long interval = NANOS_PER_SECOND / PACED_PUTS;
        long start = System.nanoTime();
        long end = plan.latencyTime().toNanos();
        for (long due = 0; due < end; due += interval) {
            long number = random.nextInt(plan.keys());
            byte[] key = records.key(number);
            byte[] value = records.value(number, due);
            while (System.nanoTime() - start < due) {
                Thread.onSpinWait();
            }
            engine.put(key, value);
            latencies.recordValue(System.nanoTime() - start - due);
        }
        return latencies;
    }

    private void measureAllocation(Stores stores) throws IOException {
        byte[] key = records.key(0);
        byte[] value = records.value(0, 0);
        stores.measure(
                "garbage-get",
                BYTES_PER_OPERATION,
                engine -> AllocationMeter.bytesPer(GARBAGE_OPERATIONS, () -> requireFound(engine.get(key))));
        stores.measure(
                "garbage-put",
                BYTES_PER_OPERATION,
                engine -> AllocationMeter.bytesPer(GARBAGE_OPERATIONS, () -> engine.put(key, value)));
    }

    private void measureSyncedPuts(String workload, int threads) throws IOException {
        try (Stores stores = new Stores("synced", WriteMode.SYNC_EACH)) {
            stores.measure(workload, PER_SECOND, engine -> {
                AtomicLong next = new AtomicLong();
                return ThroughputMeter.perSecond(threads, plan.warmup(), plan.time(), thread -> () -> {
                    long number = next.getAndIncrement();
                    engine.put(records.key(number), records.value(number, 0));
                });
            });
        }
        DiskUsage.remove(directory.resolve("synced"));
    }

    /// Kills a process that wrote, opens its store, closes it, and opens it again. After the first time the
    /// process overwrites only some keys.
    private void reopen() throws IOException {
        progress.printf(Locale.ROOT, "reopening stores of %,d keys%n", plan.reopenKeys());
        for (EngineKind kind : engines) {
            emptyDirectory("reopen", kind);
        }
        for (int round = 1; round <= plan.rounds(); round++) {
            for (EngineKind kind : engines) {
                reopen(kind, round);
            }
        }
        measureColdReads();
        DiskUsage.remove(directory.resolve("reopen"));
    }

    private void reopen(EngineKind kind, int round) throws IOException {
        Path path = directory.resolve("reopen").resolve(kind.id());
        int count = round == 1 ? plan.reopenKeys() : Math.min(plan.reopenKeys(), MAX_KEYS_REWRITTEN);
        try (ChildProcess writer =
                child(List.of(), Optional.empty(), "write", kind, path, plan.reopenKeys(), seed, round, count)) {
            writer.awaitLine(ChildMain.WRITTEN);
        }
        record("reopen-killed", kind, secondsToOpen(kind, path), SECONDS);
        record("reopen-clean", kind, secondsToOpen(kind, path), SECONDS);
    }

    private static ChildProcess child(List<String> jvmOptions, Optional<MemoryLimit> limit, Object... arguments)
            throws IOException {
        List<String> words = new ArrayList<>();
        for (Object argument : arguments) {
            words.add(argument instanceof EngineKind kind ? kind.id() : String.valueOf(argument));
        }
        return ChildProcess.start(jvmOptions, limit, words);
    }

    /// The time until the store answers; it is closed cleanly then.
    private double secondsToOpen(EngineKind kind, Path path) throws IOException {
        long before = System.nanoTime();
        try (Engine engine = kind.open(path, WriteMode.SYNC_ON_DEMAND)) {
            requireFound(engine.get(records.key(plan.reopenKeys() - 1L)));
            return (System.nanoTime() - before) / (double) NANOS_PER_SECOND;
        }
    }

    private void measureColdReads() throws IOException {
        for (EngineKind kind : engines) {
            if (!plan.large()) {
                absent("read-cold", kind, PER_SECOND, "only in the full run: it needs more data than memory");
                continue;
            }
            Path path = directory.resolve("reopen").resolve(kind.id());
            Optional<MemoryLimit> limit = MemoryLimit.create(COLD_LIMIT_BYTES);
            if (limit.isEmpty() || !DiskUsage.dropCache(path)) {
                absent("read-cold", kind, PER_SECOND, "the system's cache cannot be bounded here");
                continue;
            }
            try (MemoryLimit group = limit.get();
                    ChildProcess reader = child(
                            COLD_HEAP, Optional.of(group), "read", kind, path, plan.reopenKeys(), seed, COLD_SECONDS)) {
                record("read-cold", kind, Double.parseDouble(reader.line()), PER_SECOND);
            } catch (IOException e) {
                absent(
                        "read-cold",
                        kind,
                        PER_SECOND,
                        "it does not live within the memory it may use: " + e.getMessage());
            }
        }
    }

    private void measureMemory(String workload, int keyBytes) throws IOException {
        KeyValues longer = new KeyValues(keyBytes, VALUE_BYTES, seed);
        for (EngineKind kind : engines) {
            if (!MemoryUse.isKnown()) {
                absent(workload, kind, BYTES_PER_KEY, "the system does not tell how much memory a process uses");
                continue;
            }
            if (!plan.large() && kind != EngineKind.CASKADE && kind != EngineKind.ROCKSDB) {
                absent(workload, kind, BYTES_PER_KEY, "only in the full run: it keeps its keys on the disk");
                continue;
            }
            Path path = emptyDirectory("growth", kind).resolve("large").toAbsolutePath();
            Files.createDirectories(path);
            try (Engine engine = kind.open(path, WriteMode.SYNC_ON_DEMAND)) {
                ChildMain.fill(engine, longer, plan.memoryKeys(), 0);
            }
            try (ChildProcess reader = child(
                    ChildProcess.STEADY_MEMORY,
                    Optional.empty(),
                    "memory",
                    kind,
                    path.toRealPath(),
                    plan.memoryKeys(),
                    seed,
                    keyBytes)) {
                record(workload, kind, Double.parseDouble(reader.line()) / plan.memoryKeys(), BYTES_PER_KEY);
            }
        }
        DiskUsage.remove(directory.resolve("growth"));
    }

    private void measureSpace() throws IOException {
        try (Stores stores = new Stores("space", WriteMode.UNSYNCED)) {
            for (EngineKind kind : engines) {
                Engine engine = Objects.requireNonNull(stores.open.get(kind));
                for (int version = 0; version <= OVERWRITES; version++) {
                    for (int i = 0; i < plan.spaceKeys(); i++) {
                        engine.put(records.key(i), records.value(i, version));
                    }
                }
                engine.sync();
                engine.settle();
                long live = (long) plan.spaceKeys() * (KEY_BYTES + VALUE_BYTES);
                long used = DiskUsage.settled(directory.resolve("space").resolve(kind.id()), plan.settlePoll());
                record("space-amplification", kind, (double) used / live, TIMES_LIVE);
            }
        }
        DiskUsage.remove(directory.resolve("space"));
    }

    /// Overwrites keys as fast as the engine takes it: how much of the disk that takes at most and once it has
    /// settled, as `df` sees it, and how long puts take meanwhile.
    private void measureFastOverwrites() throws IOException {
        for (EngineKind kind : engines) {
            Path path = emptyDirectory("overwrite", kind);
            try (FreeSpaceWatch watch = FreeSpaceWatch.start(path);
                    Engine engine = kind.open(path, WriteMode.UNSYNCED)) {
                Histogram latencies = overwrite(engine);
                double live = (double) plan.spaceKeys() * (KEY_BYTES + VALUE_BYTES);
                record("overwrite-df-peak", kind, watch.peak() / live, TIMES_LIVE);
                engine.sync();
                engine.settle();
                DiskUsage.settled(path, plan.settlePoll());
                record("overwrite-df-settled", kind, watch.taken() / live, TIMES_LIVE);
                addPercentiles("overwrite-put", kind, latencies);
            }
        }
        DiskUsage.remove(directory.resolve("overwrite"));
    }

    private Histogram overwrite(Engine engine) throws IOException {
        Histogram latencies = new Histogram(3);
        SplittableRandom random = random(0, 0);
        for (int i = 0; i < plan.spaceKeys(); i++) {
            engine.put(records.key(i), records.value(i, 0));
        }
        for (long i = 0; i < (long) FAST_OVERWRITES * plan.spaceKeys(); i++) {
            long number = random.nextInt(plan.spaceKeys());
            byte[] key = records.key(number);
            byte[] value = records.value(number, i);
            long before = System.nanoTime();
            engine.put(key, value);
            latencies.recordValue(System.nanoTime() - before);
        }
        return latencies;
    }
}
