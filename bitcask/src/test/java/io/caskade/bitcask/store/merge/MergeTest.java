package io.caskade.bitcask.store.merge;

import static io.caskade.bitcask.store.StoreOnDisk.DIRECTORY;
import static io.caskade.bitcask.store.StoreOnDisk.bytes;
import static io.caskade.bitcask.store.StoreOnDisk.contents;
import static io.caskade.bitcask.store.StoreOnDisk.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.Durability;
import io.caskade.bitcask.Entry;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.disk.FaultyDisk.Kind;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.record.EpochHistory;
import io.caskade.bitcask.segment.SealedSegment;
import io.caskade.bitcask.store.OnDamage;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.StoreOnDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// What merges leave, drop and never bring back.
final class MergeTest {

    private static final long ALL = Long.MAX_VALUE;

    private final FaultyDisk disk = new FaultyDisk(1);
    private final BatchEncoder encoder = new BatchEncoder();
    private int epoch = 1;

    @Test
    void aMergeRemovesOverwrittenRecordsAndFreesTheirSpace() throws IOException {
        Store store = open(disk);
        for (int round = 0; round < 6; round++) {
            for (int i = 0; i < 20; i++) {
                put(store, "key" + i, "value" + round, 0);
            }
        }
        Map<String, String> before = contents(store);
        long bytes = logBytes();
        assertThat(mergeAll(store, ALL)).isGreaterThan(0);
        assertThat(contents(store)).isEqualTo(before);
        assertThat(logBytes()).isLessThan(bytes / 3);
        disk.powerFailure();
        Store again = open(disk);
        again.commit(again.end());
        assertThat(contents(again)).isEqualTo(before);
        assertThat(again.end()).isEqualTo(store.end());
    }

    /// Schedule 18.
    @Test
    void anExpiredRecordLeavesATombstoneWhileAnOlderSegmentHasItsKey() throws IOException {
        Store store = open(disk);
        put(store, "k", "v1", 0);
        put(store, "live", "v", 0);
        fill(store, 12);
        long after = store.end();
        fill(store, 12);
        put(store, "k", "v2", 500);
        fill(store, 12);
        assertThat(store.logTime()).isGreaterThan(500);
        assertThat(mergeEachByItself(store, after)).isGreaterThan(0);
        assertThat(logHolds(bytes("kv1"))).as("what was not merged").isTrue();
        assertThat(logHolds(bytes("kv2"))).as("what has expired").isFalse();
        assertThat(store.get(bytes("k"))).isNull();
        disk.powerFailure();
        Store again = open(disk);
        again.commit(again.end());
        assertThat(again.get(bytes("k"))).isNull();
        mergeAll(again, ALL);
        assertThat(again.get(bytes("k"))).isNull();
        disk.powerFailure();
        Store third = open(disk);
        third.commit(third.end());
        assertThat(third.get(bytes("k"))).isNull();
    }

    /// Schedules 21 and 22.
    @Test
    void theEpochsAndTheEndSurviveTheirRecords() throws IOException {
        Store store = open(disk);
        for (epoch = 1; epoch < 40; epoch++) {
            put(store, "k", "v" + epoch, 0);
        }
        EpochHistory epochs = store.epochs();
        long end = store.end();
        for (int round = 0; round < 3; round++) {
            mergeAll(store, ALL);
            assertThat(store.epochs()).isEqualTo(epochs);
            store.closeCleanly();
            store = open(disk);
            assertThat(store.epochs()).isEqualTo(epochs);
            assertThat(store.end()).isEqualTo(end);
            assertThat(contents(store)).isEqualTo(Map.of("k", "v39"));
        }
    }

    @Test
    void tombstonesAreDroppedOnlyUpToThePurgeHorizonAndOnceNothingOlderIsLeft() throws IOException {
        Store store = open(disk);
        long removal = putAndDelete(store, "k");
        mergeAll(store, removal - 1);
        assertThat(logHolds(bytes("k"), removal)).isTrue();
        mergeAll(store, removal);
        mergeAll(store, ALL);
        assertThat(store.get(bytes("k"))).isNull();
        assertThat(logHolds(bytes("k"), removal)).isFalse();
    }

    /// Found by seed 684: a follower was sent the older value before the merge took effect, and then not the
    /// tombstone.
    @Test
    void aMergeIsWithdrawnWhenThePurgeHorizonFallsBelowWhatItPurges() throws IOException {
        Store store = open(disk);
        long removal = putAndDelete(store, "k");
        Set<Path> files = disk.contents().keySet();
        AtomicLong horizon = new AtomicLong(removal);
        MergePolicy policy = new MergePolicy(0.01, 4_000, horizon::get, true);
        Merge merge = Merge.begin(store, policy, 0).orElseThrow();
        merge.run(fallingTo(horizon, removal - 1), bytes -> {});
        assertThat(merge.isWithdrawn()).isTrue();
        assertThat(disk.contents()).containsOnlyKeys(files);
        assertThat(logHolds(bytes("k"), removal)).isTrue();

        Merge next = Merge.begin(store, policy, 0).orElseThrow();
        next.run(MaintenanceTask.Step::run, bytes -> {});
        assertThat(next.isWithdrawn()).isFalse();
        assertThat(logHolds(bytes("k"), removal)).isTrue();
        assertThat(store.get(bytes("k"))).isNull();
    }

    /// A writer before whose first step, which is after the merge has judged all records, the horizon falls.
    private static MaintenanceTask.WriterExecutor fallingTo(AtomicLong horizon, long to) {
        return step -> {
            horizon.set(to);
            step.run();
        };
    }

    @Test
    void aMergeIsWithdrawnOrFencesTheStore() throws IOException {
        for (Kind kind : new Kind[] {Kind.DELETE, Kind.SYNC_DIRECTORY}) {
            FaultyDisk other = new FaultyDisk(1);
            Store store = open(other);
            put(store, "k", "v", 0);
            delete(store, "k");
            fill(store, 12);
            Map<String, String> before = contents(store);
            AtomicLong horizon = new AtomicLong(ALL);
            Merge merge = Merge.begin(store, new MergePolicy(0.01, 4_000, horizon::get, true), 0)
                    .orElseThrow();
            other.fail(kind, kind == Kind.SYNC_DIRECTORY ? 2 : 1);
            assertThatThrownBy(() -> merge.run(fallingTo(horizon, 0), bytes -> {}))
                    .as(kind.name())
                    .hasMessageContaining("Input/output error");
            assertThat(store.isFenced()).as(kind.name()).isTrue();
            assertThat(contents(store)).as(kind.name()).isEqualTo(before);
            other.powerFailure();
            Store again = open(other);
            again.commit(again.end());
            assertThat(contents(again)).as(kind.name()).isEqualTo(before);
        }
    }

    @Test
    void aFailedMergeHarmsNothing() throws IOException {
        for (Kind kind : new Kind[] {Kind.CREATE, Kind.WRITE, Kind.SYNC, Kind.RENAME, Kind.SYNC_DIRECTORY}) {
            FaultyDisk other = new FaultyDisk(1);
            Store store = open(other);
            fill(store, 40);
            Map<String, String> before = contents(store);
            other.fail(kind, 1);
            assertThatThrownBy(() -> merge(store, ALL, 0)).hasMessageContaining("Input/output error");
            assertThat(contents(store)).as(kind.name()).isEqualTo(before);
            boolean fenced = kind == Kind.RENAME || kind == Kind.SYNC_DIRECTORY;
            assertThat(store.isFenced()).as(kind.name()).isEqualTo(fenced);
            if (!fenced) {
                other.setFreeBytes(10);
                assertThatThrownBy(() -> merge(store, ALL, 0)).hasMessageContaining("no space left");
                other.setFreeBytes(1 << 20);
                assertThat(mergeAll(store, ALL)).isGreaterThan(0);
            }
            other.powerFailure();
            Store again = open(other);
            again.commit(again.end());
            assertThat(contents(again)).as(kind.name()).isEqualTo(before);
        }
    }

    @Test
    void aMergeThatFailsAfterItsRenameFencesTheStore() throws IOException {
        for (int step = 1; step < 5; step++) {
            FaultyDisk other = new FaultyDisk(1);
            Store store = open(other);
            put(store, "live", "v", 0);
            fill(store, 40);
            Map<String, String> before = contents(store);
            breakOff(store, step);
            boolean named = other.contents().keySet().stream()
                    .anyMatch(file ->
                            file.toString().endsWith(".log") && file.toString().contains("-"));
            assertThat(store.isFenced()).as("step %d", step).isEqualTo(named);
            assertThat(contents(store)).isEqualTo(before);
            other.powerFailure();
            Store again = open(other);
            again.commit(again.end());
            assertThat(contents(again)).as("step %d", step).isEqualTo(before);
        }
    }

    private static void breakOff(Store store, int step) throws IOException {
        Merge merge = Merge.begin(store, new MergePolicy(0.01, 4_000, () -> ALL, true), 0)
                .orElseThrow();
        AtomicInteger steps = new AtomicInteger();
        MaintenanceTask.WriterExecutor writer = todo -> {
            if (steps.incrementAndGet() == step) {
                throw new IllegalStateException("broken off");
            }
            todo.run();
        };
        try {
            merge.run(writer, bytes -> {});
        } catch (IllegalStateException e) {
            assertThat(e).hasMessage("broken off");
        }
    }

    @Test
    void aCrashAtAnyOperationOfAMergeKeepsAllRecords() throws IOException {
        boolean stopped = true;
        for (int operation = 0; stopped; operation++) {
            for (int luck = 0; luck < 20; luck++) {
                FaultyDisk other = new FaultyDisk(luck);
                Store store = open(other);
                fill(store, 30);
                delete(store, "filler1");
                fill(store, 1);
                Map<String, String> before = contents(store);
                other.stopAt(operation);
                stopped = stopsInMerges(other, store);
                other.powerFailure(new Random(luck));
                Store again = open(other);
                again.commit(again.end());
                assertThat(contents(again))
                        .as("operation %d, luck %d", operation, luck)
                        .isEqualTo(before);
                assertThat(again.epochs()).isEqualTo(store.epochs());
                mergeAll(again, ALL);
                assertThat(contents(again))
                        .as("operation %d, luck %d", operation, luck)
                        .isEqualTo(before);
            }
        }
    }

    private static boolean stopsInMerges(FaultyDisk disk, Store store) throws IOException {
        try {
            mergeAll(store, ALL);
        } catch (IOException e) {
            if (!disk.isStopped()) {
                throw e;
            }
        }
        return disk.isStopped();
    }

    @Test
    void everyFlippedBitAndEveryTruncationOfAMergedSegmentIsRefused() throws IOException {
        Store store = open(disk);
        fill(store, 40);
        mergeAll(store, ALL);
        StoreOnDisk.closeWithoutCheckpoint(disk, store);
        Map<Path, byte[]> files = disk.contents();
        Path merged = files.keySet().stream()
                .filter(file -> file.toString().contains("-"))
                .findFirst()
                .orElseThrow();
        byte[] whole = Objects.requireNonNull(files.get(merged));
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= 0x10;
            expectRefusal(files, merged, flipped);
            expectRefusal(files, merged, Arrays.copyOf(whole, at));
        }
        files.remove(merged);
        assertThatThrownBy(() -> open(FaultyDisk.holding(files))).isInstanceOf(DamagedLogException.class);
    }

    private static void expectRefusal(Map<Path, byte[]> files, Path file, byte[] bytes) {
        Map<Path, byte[]> changed = new HashMap<>(files);
        changed.put(file, bytes);
        FaultyDisk damaged = FaultyDisk.holding(changed);
        assertThatThrownBy(() -> open(damaged)).isInstanceOf(DamagedLogException.class);
        assertThat(damaged.contents()).usingRecursiveComparison().isEqualTo(changed);
    }

    /// Keys are written, deleted and expire, also while merges run; with few moves in memory, merges read their
    /// files again.
    @Test
    void aMergeWithTooManyKeysForItsMemoryHasTheSameEffect() throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            FaultyDisk small = new FaultyDisk(seed);
            FaultyDisk large = new FaultyDisk(seed);
            Store withFew = churn(small, seed, 2);
            Store withAll = churn(large, seed, Integer.MAX_VALUE);

            assertThat(contents(withFew)).as("seed %d", seed).isEqualTo(contents(withAll));
            assertThat(withFew.size()).as("seed %d", seed).isEqualTo(withAll.size());
            assertThat(small.contents())
                    .as("seed %d", seed)
                    .containsOnlyKeys(large.contents().keySet());
            for (SealedSegment segment : withFew.maintenance().mergeableSegments()) {
                assertThat(withFew.index().stats().of(segment.number()))
                        .as("seed %d, segment %d", seed, segment.number())
                        .isEqualTo(withAll.index().stats().of(segment.number()));
            }
            small.powerFailure();
            Store again = open(small);
            again.commit(again.end());
            assertThat(contents(again)).as("seed %d, opened again", seed).isEqualTo(contents(withAll));
        }
    }

    private Store churn(FaultyDisk churned, int seed, int maxMoves) throws IOException {
        Store store = open(churned);
        Random random = new Random(seed);
        MergePolicy policy = new MergePolicy(0.01, 4_000, () -> ALL, true);
        for (int round = 0; round < 8; round++) {
            for (int i = 0; i < 30; i++) {
                writeAtRandom(store, random);
            }
            Optional<Merge> merge = Merge.begin(store, policy, 0, maxMoves);
            if (merge.isPresent()) {
                int[] steps = {0};
                merge.get()
                        .run(
                                step -> {
                                    step.run();
                                    if (steps[0]++ == 0) {
                                        writeAtRandom(store, random);
                                    }
                                },
                                bytes -> {});
            }
        }
        return store;
    }

    private void writeAtRandom(Store store, Random random) throws IOException {
        String key = "key" + random.nextInt(40);
        if (random.nextInt(4) == 0) {
            delete(store, key);
        } else {
            boolean expires = random.nextInt(3) == 0;
            put(store, key, "value" + random.nextInt(), expires ? 1_000 + store.end() + random.nextInt(60) : 0);
        }
    }

    @Test
    void readersBesideMergesFindEveryKey() throws Exception {
        Store store = open(disk);
        fill(store, 60);
        Map<String, String> expected = contents(store);
        AtomicBoolean stop = new AtomicBoolean();
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<?> reads = threads.submit(() -> {
                while (!stop.get()) {
                    for (Map.Entry<String, String> entry : expected.entrySet()) {
                        Entry found = Objects.requireNonNull(store.get(bytes(entry.getKey())));
                        assertThat(text(found.value())).isEqualTo(entry.getValue());
                    }
                    assertThat(store.scan(0, 100, Long.MAX_VALUE, OnDamage.REFUSE)
                                    .entries())
                            .hasSizeBetween(expected.size(), expected.size() + 1);
                }
                return null;
            });
            for (int round = 0; round < 60; round++) {
                put(store, "churn", "v" + round, 0);
                delete(store, "churn");
                mergeAll(store, ALL);
                if (reads.isDone()) {
                    break;
                }
            }
            stop.set(true);
            reads.get();
        }
    }

    /// A record and its tombstone in sealed segments, among others.
    ///
    /// @return the tombstone's sequence
    private long putAndDelete(Store store, String key) throws IOException {
        put(store, key, "v", 0);
        fill(store, 6);
        delete(store, key);
        long removal = store.end();
        fill(store, 12);
        return removal;
    }

    private void fill(Store store, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            put(store, "filler" + i % 5, "value" + i, 0);
        }
    }

    private void put(Store store, String key, String value, long expiresAt) throws IOException {
        encoder.start(epoch, store.end() + 1);
        encoder.mark(1_000 + store.end(), Math.min(store.highWatermark(), store.durableEnd()));
        encoder.put(bytes(key), bytes(value), expiresAt);
        encoder.endBatch();
        write(store);
    }

    private void delete(Store store, String key) throws IOException {
        encoder.start(epoch, store.end() + 1);
        encoder.tombstone(bytes(key));
        encoder.endBatch();
        write(store);
    }

    private void write(Store store) throws IOException {
        store.append(encoder.group());
        Sync sync = store.beginSync();
        sync.run();
        store.endSync(sync);
        store.commit(store.end());
    }

    private static Optional<Merge> merge(Store store, long horizon, long after) throws IOException {
        Optional<Merge> merge = Merge.begin(store, new MergePolicy(0.01, 4_000, () -> horizon, true), after);
        if (merge.isPresent()) {
            merge.get().run(MaintenanceTask.Step::run, bytes -> {});
        }
        return merge;
    }

    /// Merges the segments after a record whose neighbors, being no small part of what a merge may leave, do
    /// not join.
    private static int mergeEachByItself(Store store, long after) throws IOException {
        MergePolicy policy = new MergePolicy(0.01, 400, () -> ALL, true);
        int count = 0;
        for (Optional<Merge> merge = Merge.begin(store, policy, after); merge.isPresent(); count++) {
            merge.get().run(MaintenanceTask.Step::run, bytes -> {});
            merge = Merge.begin(store, policy, merge.get().last());
        }
        return count;
    }

    private static int mergeAll(Store store, long horizon) throws IOException {
        int count = 0;
        for (Optional<Merge> merge = merge(store, horizon, 0); merge.isPresent(); count++) {
            merge = merge(store, horizon, merge.get().last());
        }
        return count;
    }

    private static Store open(FaultyDisk disk) throws IOException {
        return StoreOnDisk.open(disk, Durability.SYNC, "boot-1");
    }

    private long logBytes() {
        return disk.contents().entrySet().stream()
                .filter(file -> file.getKey().toString().endsWith(".log"))
                .mapToLong(file -> file.getValue().length)
                .sum();
    }

    /// Whether a tombstone of a key is in the log still.
    private boolean logHolds(byte[] key, long sequence) {
        byte[] record = new byte[Long.BYTES * 2 + key.length];
        ByteBuffer.wrap(record)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(sequence)
                .putLong(0)
                .put(key);
        return logHolds(record);
    }

    private boolean logHolds(byte[] part) {
        String wanted = new String(part, StandardCharsets.ISO_8859_1);
        return disk.contents().entrySet().stream()
                .filter(file -> file.getKey().startsWith(DIRECTORY))
                .anyMatch(file -> new String(file.getValue(), StandardCharsets.ISO_8859_1).contains(wanted));
    }
}
