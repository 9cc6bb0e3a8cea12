package io.caskade.bitcask.store.merge;

import static io.caskade.bitcask.store.StoreOnDisk.bytes;
import static io.caskade.bitcask.store.StoreOnDisk.contents;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.DiskFullException;
import io.caskade.bitcask.Durability;
import io.caskade.bitcask.Entry;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.disk.FaultyDisk.Kind;
import io.caskade.bitcask.log.LogMerge.Pacer;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.StoreOnDisk;
import io.caskade.bitcask.store.merge.MergeRunner.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Which merges come about by themselves, and what stops them.
final class MergeRunnerTest {

    private static final long SEGMENT = 4_000;
    private static final long START = 1_000;
    private static final Pacer UNPACED = bytes -> {};

    private final FaultyDisk disk = new FaultyDisk(1);
    private final BatchEncoder encoder = new BatchEncoder();
    private final List<IOException> failures = new ArrayList<>();
    private long nanos;
    private long horizon = Long.MAX_VALUE;
    private long time = START;

    @Test
    void aSegmentIsMergedWhenAQuarterOfItIsDead() throws IOException {
        Store store = open();
        for (int i = 0; i < 200; i++) {
            put(store, "key" + i, 50, 0);
        }
        // Every fifth record of each segment is of no use; not enough while the store is busy.
        for (int i = 0; i < 200; i += 5) {
            put(store, "key" + i, 50, 0);
        }
        MergeRunner merging = merging(store);
        long before = logBytes();
        merging.mergeAutomatically(UNPACED);
        assertThat(logBytes()).isEqualTo(before);
        for (int i = 1; i < 200; i += 10) {
            put(store, "key" + i, 50, 0);
        }
        Map<String, String> contents = contents(store);
        merging.mergeAutomatically(UNPACED);
        assertThat(logBytes()).isLessThan(before * 9 / 10);
        assertThat(contents(store)).isEqualTo(contents);
    }

    /// Ninety of a hundred records are small and live, the rest large and dead.
    @Test
    void deadBytesCountNotDeadRecords() throws IOException {
        Store store = open();
        for (int i = 0; i < 300; i++) {
            put(store, "small" + i, 1, 0);
            if (i % 10 == 0) {
                put(store, "large" + i, 1_500, 0);
                delete(store, "large" + i);
            }
        }
        merging(store).mergeAutomatically(UNPACED);
        assertThat(logBytes()).isLessThan(300 * 45 + 30 * 45 + 2 * SEGMENT);
        assertThat(contents(store)).hasSize(300);
    }

    @Test
    void mergesGoOnAfterOneThatRanOutOfMemory() throws IOException {
        Store store = open();
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < 40; i++) {
                put(store, "key" + i, 1_000, 0);
            }
        }
        Map<String, String> contents = contents(store);
        long before = logBytes();
        MergeRunner merging = merging(store);
        merging.mergeAutomatically(bytes -> {
            throw new OutOfMemoryError("as if");
        });
        nanos += TimeUnit.SECONDS.toNanos(11);
        // The first pass ends where the merge was to end, the next one starts from scratch.
        merging.mergeAutomatically(UNPACED);
        merging.mergeAutomatically(UNPACED);
        assertThat(logBytes()).isLessThan(before * 9 / 10);
        assertThat(contents(store)).isEqualTo(contents);
    }

    @Test
    void anIdleStoreMergesItsNewestSegmentToo() throws IOException {
        Store store = open();
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < 20; i++) {
                put(store, "key" + i, 20, 0);
            }
        }
        Map<String, String> contents = contents(store);
        settle(merging(store));
        assertThat(logBytes()).isLessThan(20 * 60 + 500);
        assertThat(contents(store)).isEqualTo(contents);
        disk.powerFailure();
        Store again = open();
        again.commit(again.end());
        assertThat(contents(again)).isEqualTo(contents);
    }

    @Test
    void aBusyStoreDoesNotMergeItsNewestSegment() throws IOException {
        Store store = open();
        MergeRunner merging = merging(store);
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < 40; i++) {
                put(store, "key" + i, 1_000, 0);
            }
            nanos += TimeUnit.SECONDS.toNanos(3);
            assertThat(merging.mergeAutomatically(UNPACED)).as("quiet").isFalse();
        }
    }

    @Test
    void anIdleStoreFullOfExpiredKeysShrinksToAlmostNothing() throws IOException {
        Store store = open();
        for (int i = 0; i < 500; i++) {
            put(store, "key" + i, 100, START + 10_000 + i);
        }
        MergeRunner merging = merging(store);
        settle(merging);
        assertThat(store.maintenance().nextExpiry()).isEqualTo(START + 10_000);
        assertThat(logBytes()).isGreaterThan(50_000);
        mark(store, START + 20_000);
        settle(merging);
        assertThat(store.size()).isZero();
        assertThat(logBytes()).isLessThan(1_000);
        assertThat(store.maintenance().nextExpiry()).isZero();
    }

    @Test
    void expiredValuesAreMergedAwayAfterOpeningByHints() throws IOException {
        Store store = open();
        for (int i = 0; i < 500; i++) {
            put(store, "key" + i, 100, START + 10_000 + i);
        }
        for (var task = store.maintenance().beginHint();
                task.isPresent();
                task = store.maintenance().beginHint()) {
            task.get().run();
        }
        store.closeCleanly();
        Store again = open();
        again.commit(again.end());
        mark(again, START + 20_000);
        settle(merging(again));
        assertThat(again.size()).isZero();
        assertThat(logBytes()).isLessThan(1_000);
    }

    @Test
    void onlyValuesExpiredByLogTimeAreMergedAway() throws IOException {
        Store store = open();
        for (int i = 0; i < 400; i++) {
            put(store, "key" + i, 100, START + 10_000 + 100L * i);
        }
        mark(store, START + 10_000 + 100 * 200);
        MergeRunner merging = merging(store);
        settle(merging);
        assertThat(store.size()).isBetween(199L, 205L);
        mark(store, START + 10_000 + 100 * 300);
        settle(merging);
        // What expires is known in eighths of a segment.
        assertThat(store.size()).isBetween(99L, 140L);
        mark(store, START + 10_000 + 100 * 401);
        settle(merging);
        assertThat(store.size()).isZero();
    }

    /// Behind live and dead records that are older, only the values go at first.
    @Test
    void expiredValuesAreDroppedBehindOlderRecordsToo() throws IOException {
        Store store = open();
        for (int i = 0; i < 100; i++) {
            put(store, "old" + i, 100, 0);
        }
        for (int i = 0; i < 200; i++) {
            put(store, "key" + i, 1_000, START + 1_000_000);
        }
        put(store, "old1", 100, 0);
        fillUp(store);
        mark(store, START + 2_000_000);
        merging(store).mergeAutomatically(UNPACED);
        assertThat(logBytes()).isLessThan(100 * 150 + 200 * 60 + 10_000);
        assertThat(store.get(bytes("key7"))).isNull();
        assertThat(store.get(bytes("old7"))).isNotNull();
    }

    /// Schedule 18, with the merges that come about by themselves.
    @Test
    void automaticMergesNeverBringAKeyBack() throws IOException {
        for (int seed = 0; seed < 40; seed++) {
            FaultyDisk fresh = new FaultyDisk(seed);
            time = START;
            Store store = StoreOnDisk.open(fresh, Durability.SYNC, "boot-1");
            MergeRunner merging = merging(store);
            Random random = new Random(seed);
            for (int i = 0; i < 300; i++) {
                String key = "key" + random.nextInt(12);
                switch (random.nextInt(8)) {
                    case 0 -> delete(store, key);
                    case 1, 2 -> put(store, key, random.nextInt(40), time + random.nextInt(40));
                    case 3 -> merging.mergeAutomatically(UNPACED);
                    case 4 -> {
                        nanos += TimeUnit.SECONDS.toNanos(3);
                        horizon = random.nextInt(3) == 0 ? store.highWatermark() - random.nextInt(20) : Long.MAX_VALUE;
                        merging.mergeAutomatically(UNPACED);
                    }
                    default -> put(store, key, random.nextInt(40), 0);
                }
                mark(store, time + 1);
            }
            Map<String, String> alive = alive(store);
            fresh.powerFailure();
            Store again = StoreOnDisk.open(fresh, Durability.SYNC, "boot-1");
            again.commit(again.end());
            assertThat(alive(again)).as("seed %d", seed).isEqualTo(alive);
        }
    }

    @Test
    void tombstonesAreDroppedEvenWhenOlderSegmentsHaveNothingDead() throws IOException {
        Store store = open();
        for (int i = 0; i < 100; i++) {
            put(store, "live" + i, 100, 0);
        }
        fillUp(store);
        long first = logBytes();
        for (int i = 0; i < 200; i++) {
            put(store, "gone" + i, 20, 0);
            delete(store, "gone" + i);
        }
        settle(merging(store));
        assertThat(logBytes()).isLessThan(first + 200);
    }

    @Test
    void tombstonesAboveThePurgeHorizonAreKept() throws IOException {
        Store store = open();
        for (int i = 0; i < 100; i++) {
            put(store, "gone" + i, 20, 0);
        }
        for (int i = 0; i < 100; i++) {
            delete(store, "gone" + i);
        }
        horizon = 0;
        MergeRunner merging = merging(store);
        settle(merging);
        assertThat(logBytes()).isGreaterThan(100 * 36);
        horizon = Long.MAX_VALUE;
        settle(merging);
        assertThat(logBytes()).isLessThan(500);
    }

    @Test
    void noMergeStartsWithoutRoomForItsOutput() throws IOException {
        Store store = open();
        garbage(store);
        MergeRunner merging = merging(store);
        disk.setFreeBytes(10);
        long before = disk.operationCount();
        assertThat(merging.mergeAutomatically(UNPACED)).isFalse();
        assertThatThrownBy(() -> merging.mergeAll(bytes -> {})).isInstanceOf(DiskFullException.class);
        assertThat(disk.operationCount()).as("nothing was begun").isEqualTo(before);
        disk.setFreeBytes(1 << 20);
        merging.mergeAutomatically(UNPACED);
        assertThat(disk.operationCount()).as("tried again before its time").isEqualTo(before);
        nanos += TimeUnit.SECONDS.toNanos(11);
        merging.mergeAutomatically(UNPACED);
        assertThat(disk.operationCount()).isGreaterThan(before);
        assertThat(failures).isEmpty();
    }

    @Test
    void aFailedMergeIsRetriedAfterAWhile() throws IOException {
        Store store = open();
        garbage(store);
        MergeRunner merging = merging(store);
        long bytes = logBytes();
        disk.fail(Kind.WRITE, 1);
        merging.mergeAutomatically(UNPACED);
        assertThat(logBytes()).isEqualTo(bytes);
        nanos += TimeUnit.SECONDS.toNanos(11);
        merging.mergeAutomatically(UNPACED);
        assertThat(logBytes()).isLessThan(bytes);
        assertThat(failures).isEmpty();
    }

    @Test
    void aFailureDuringTheReplacementFencesTheStoreAndIsReported() throws IOException {
        Store store = open();
        garbage(store);
        disk.fail(Kind.RENAME, 1);
        merging(store).mergeAutomatically(UNPACED);
        assertThat(store.isFenced()).isTrue();
        assertThat(failures).hasSize(1);
    }

    @Test
    void damageIsReportedAndNeverMergedAway() throws IOException {
        Store store = open();
        garbage(store);
        Path first = disk.contents().keySet().stream()
                .filter(file -> file.toString().endsWith(".log"))
                .sorted()
                .findFirst()
                .orElseThrow();
        disk.damage(first, 100);
        MergeRunner merging = merging(store);
        merging.mergeAutomatically(UNPACED);
        assertThat(failures).hasSize(1).first().isInstanceOf(DamagedLogException.class);
        nanos += TimeUnit.SECONDS.toNanos(60);
        merging.mergeAutomatically(UNPACED);
        assertThat(failures).hasSize(1);
        assertThat(disk.contents()).containsKey(first);
    }

    @Test
    void segmentsWithoutARecordToKeepGoWithoutBeingRead() throws IOException {
        Store store = open();
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 20; i++) {
                put(store, "key" + i, 150, 0);
            }
        }
        Map<String, String> contents = contents(store);
        long before = logBytes();
        AtomicInteger reads = new AtomicInteger();
        disk.beforeRead(reads::incrementAndGet);
        MergeRunner merging = merging(store);
        assertThat(merging.mergeNext(bytes -> {
                    throw new AssertionError("bytes were moved");
                }))
                .isEqualTo(Outcome.MORE);
        assertThat(reads).as("reads").hasValue(0);
        assertThat(before).isGreaterThan(15 * SEGMENT);
        assertThat(logBytes()).isLessThan(3 * SEGMENT);
        disk.beforeRead(() -> {});
        assertThat(contents(store)).isEqualTo(contents);
        long time = store.logTime();
        long end = store.end();
        disk.powerFailure();
        Store again = open();
        again.commit(again.end());
        assertThat(contents(again)).isEqualTo(contents);
        assertThat(again.end()).isEqualTo(end);
        assertThat(again.logTime()).isEqualTo(time);
    }

    /// The tombstones of a segment without live records are something to keep, up to the purge horizon.
    @Test
    void deadSegmentsWithTombstonesAboveThePurgeHorizonAreKept() throws IOException {
        Store store = open();
        for (int i = 0; i < 100; i++) {
            put(store, "gone" + i, 20, 0);
            delete(store, "gone" + i);
        }
        fillUp(store);
        horizon = 0;
        MergeRunner merging = merging(store);
        merging.mergeAutomatically(UNPACED);
        assertThat(logBytes()).isGreaterThan(100 * 36);
        disk.powerFailure();
        Store again = open();
        again.commit(again.end());
        assertThat(again.get(bytes("gone7"))).isNull();
    }

    /// A tenth of each of many segments is live: what they leave would fit into a few.
    @Test
    void aRunIsBoundedAndGivesBackSpaceBeforeTheNext() throws IOException {
        Store store = open();
        for (int i = 0; i < 300; i++) {
            put(store, i % 10 == 0 ? "live" + i : "dead", 300, 0);
        }
        fillUp(store);
        MergeRunner merging = merging(store);
        int runs = 0;
        long before = logBytes();
        while (merging.mergeNext(UNPACED) == Outcome.MORE) {
            assertThat(before - logBytes()).as("given back by a run").isLessThan(5 * SEGMENT);
            before = logBytes();
            runs++;
        }
        assertThat(runs).isGreaterThan(4);
        assertThat(before).isLessThan(30 * 340 + 4 * SEGMENT);
    }

    @Test
    void aMergeThatNeedsASyncedLogAsksForASync() throws IOException {
        Store store = Store.open(disk, StoreOnDisk.DIRECTORY, StoreOnDisk.options(Durability.NONE, "boot-1", SEGMENT));
        for (int i = 0; i < 400; i++) {
            encoder.start(1, store.end() + 1);
            encoder.put(bytes("key" + i % 20), new byte[200], 0);
            encoder.endBatch();
            store.append(encoder.group());
            store.commit(store.end());
        }
        assertThat(store.durableEnd()).isZero();
        merging(store).mergeAutomatically(UNPACED);
        assertThat(logBytes()).isLessThan(4 * SEGMENT);
        assertThat(store.space().takenBytes()).isEqualTo(logBytes());
    }

    @Test
    void theMoreSpaceTheStoreTakesTheFewerBytesCount() throws IOException {
        long atEase = countedBytes(3);
        long urgent = countedBytes(1);
        assertThat(atEase).as("of a merge of some garbage").isGreaterThan(SEGMENT);
        assertThat(urgent).as("of a merge of much").isBetween(1L, SEGMENT / 8);
    }

    /// How many bytes the pacer of the first merge is told of, in a store in which of four records one, or
    /// three, are of a key that is written again and again.
    private long countedBytes(int liveOfFour) throws IOException {
        FaultyDisk own = new FaultyDisk(1);
        Store store = Store.open(own, StoreOnDisk.DIRECTORY, StoreOnDisk.options(Durability.SYNC, "boot-1", SEGMENT));
        for (int i = 0; i < 300; i++) {
            put(store, i % 4 < liveOfFour ? "live" + i : "garbage", 300, 0);
        }
        long[] counted = new long[1];
        merging(store).mergeNext(bytes -> counted[0] += bytes);
        return counted[0];
    }

    /// Someone who waits for merges to pause comes between two runs, however many there are to come.
    @Test
    @Timeout(60)
    void whoWaitsForMergesWaitsForOneRunOnly() throws Exception {
        Store store = open();
        for (int i = 0; i < 300; i++) {
            put(store, i % 10 == 0 ? "live" + i : "dead", 300, 0);
        }
        fillUp(store);
        disk.record();
        MergeRunner merging = merging(store);
        CountDownLatch paused = new CountDownLatch(1);
        List<Thread> waiting = new ArrayList<>();
        AtomicLong runWaitedFor = new AtomicLong();
        AtomicBoolean waitedForMore = new AtomicBoolean();
        merging.mergeAutomatically(bytes -> {
            if (waiting.isEmpty()) {
                waiting.add(Thread.ofPlatform().start(() -> pause(merging, paused)));
                while (waiting.getFirst().getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
                runWaitedFor.set(runs());
            } else if (runs() > runWaitedFor.get() && paused.getCount() > 0) {
                waitedForMore.set(true);
            }
        });
        waiting.getFirst().join();
        assertThat(waitedForMore).as("waited for another run").isFalse();
        assertThat(runs()).isGreaterThan(3);
    }

    private static void pause(MergeRunner merging, CountDownLatch paused) {
        try {
            merging.withoutMerges(() -> {
                paused.countDown();
                return merging;
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// How many merges have begun.
    private long runs() {
        return disk.operations().stream()
                .filter(done -> done.kind() == Kind.CREATE && done.name().endsWith(".new"))
                .count();
    }

    /// A sync that began before holds the file; what it has to sync is synced already.
    @Test
    void aSyncThatComesLateFindsTheFilesOfWhatWasMergedAway(@TempDir Path directory) throws IOException {
        try (Store store =
                Store.open(Disk.real(), directory, StoreOnDisk.options(Durability.NONE, "boot-1", SEGMENT))) {
            for (int i = 0; i < 100; i++) {
                encoder.start(1, store.end() + 1);
                encoder.put(bytes("key"), new byte[200], 0);
                encoder.endBatch();
                store.append(encoder.group());
                store.commit(store.end());
            }
            Sync late = store.beginSync();
            merging(store).mergeAutomatically(UNPACED);
            assertThat(store.space().takenBytes()).isLessThan(3 * SEGMENT);
            late.run();
            store.endSync(late);
            assertThat(store.isFenced()).isFalse();
        }
    }

    @Test
    void anAbandonedMergeChangesNothing() throws IOException {
        Store store = open();
        garbage(store);
        var before = disk.contents().keySet();
        merging(store).mergeAutomatically(bytes -> {
            throw new CancellationException("the store is being closed");
        });
        assertThat(disk.contents().keySet()).isEqualTo(before);
        assertThat(failures).isEmpty();
    }

    @Test
    void everyByteReadAndWrittenIsRateLimitedWhileNothingIsUrgent() throws IOException {
        Store store = open();
        for (int i = 0; i < 400; i++) {
            put(store, "key" + i, 50, 0);
        }
        for (int i = 0; i < 100; i += 3) {
            put(store, "key" + i, 50, 0);
        }
        long before = logBytes();
        long[] moved = new long[1];
        assertThat(merging(store).need()).isZero();
        disk.record();
        merging(store).mergeAutomatically(bytes -> moved[0] += bytes);
        long written = disk.operations().stream()
                .filter(done -> done.kind() == Kind.WRITE && done.name().endsWith(".new"))
                .mapToLong(done -> done.bytes().length)
                .sum();
        long read = before - logBytes() + written;
        assertThat(moved[0]).isBetween(read + written - 1_000, read + written);
    }

    /// No segment is without a live record.
    private void garbage(Store store) throws IOException {
        for (int i = 0; i < 400; i++) {
            put(store, i % 20 == 0 ? "live" + i : "key" + i % 20, 50, 0);
        }
    }

    /// Has the records so far in sealed segments.
    private void fillUp(Store store) throws IOException {
        put(store, "filler", (int) SEGMENT, 0);
        put(store, "filler", (int) SEGMENT, 0);
    }

    private void settle(MergeRunner merging) {
        boolean idle = false;
        for (int turn = 0; turn < 50 && !idle; turn++) {
            nanos += TimeUnit.SECONDS.toNanos(3);
            idle = merging.mergeAutomatically(UNPACED);
        }
        assertThat(idle).as("nothing is left to do").isTrue();
    }

    private MergeRunner merging(Store store) {
        return new MergeRunner(
                store,
                0.25,
                SEGMENT,
                new MergeRunner.Dependencies(
                        "test", MaintenanceTask.Step::run, () -> horizon, () -> nanos, failures::add));
    }

    private Store open() throws IOException {
        return Store.open(disk, StoreOnDisk.DIRECTORY, StoreOnDisk.options(Durability.SYNC, "boot-1", SEGMENT));
    }

    private void put(Store store, String key, int valueBytes, long expiresAt) throws IOException {
        encoder.start(1, store.end() + 1);
        encoder.put(bytes(key), new byte[valueBytes], expiresAt);
        encoder.endBatch();
        write(store);
    }

    private void delete(Store store, String key) throws IOException {
        encoder.start(1, store.end() + 1);
        encoder.tombstone(bytes(key));
        encoder.endBatch();
        write(store);
    }

    private void mark(Store store, long newTime) throws IOException {
        time = newTime;
        encoder.start(1, store.end() + 1);
        encoder.mark(newTime, Math.min(store.highWatermark(), store.durableEnd()));
        write(store);
    }

    private void write(Store store) throws IOException {
        store.append(encoder.group());
        Sync sync = store.beginSync();
        sync.run();
        store.endSync(sync);
        store.commit(store.end());
    }

    private static Map<String, String> alive(Store store) throws IOException {
        Map<String, String> alive = new TreeMap<>();
        for (int i = 0; i < 12; i++) {
            Entry entry = store.get(bytes("key" + i));
            if (entry != null && !entry.isExpiredAt(store.logTime())) {
                alive.put("key" + i, entry.version() + ":" + entry.value().length);
            }
        }
        return alive;
    }

    private long logBytes() {
        return disk.contents().entrySet().stream()
                .filter(file -> file.getKey().toString().endsWith(".log"))
                .mapToLong(file -> file.getValue().length)
                .sum();
    }
}
