package io.caskade.bitcask.store;

import static io.caskade.bitcask.store.StoreOnDisk.contents;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.log.RawRecords;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.record.EpochHistory;
import io.caskade.bitcask.record.MalformedBatchesException;
import io.caskade.bitcask.store.copy.CopyBounds;
import io.caskade.bitcask.store.merge.Merge;
import io.caskade.bitcask.store.merge.MergePolicy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Copies that are fed another's log, as it is there: dense, or with what merges have left of it.
final class ReplicatedStoreTest {

    private static final long ALL = Long.MAX_VALUE;

    private final FaultyDisk leaderDisk = new FaultyDisk(1);
    private final FaultyDisk disk = new FaultyDisk(2);
    private final BatchEncoder encoder = new BatchEncoder();

    @Test
    void aDenseLogIsStreamedUnchanged() throws IOException {
        Store leader = open(leaderDisk);
        History history = write(leader, new Random(1), 30);
        Store follower = open(disk);
        for (int most : new int[] {1, 100, 5_000}) {
            stream(leader, follower, most, Math.min(leader.end(), follower.end() + 20));
        }
        assertThat(follower.bounds()).isEqualTo(CopyBounds.NONE);
        stream(leader, follower, 300, leader.end());
        assertSame(leader, follower, history);
        disk.kill();
        assertSame(leader, open(disk), history);
    }

    @Test
    void aMergedLogIsStreamedAndRecovered() throws IOException {
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            FaultyDisk from = new FaultyDisk(seed);
            Store leader = open(from);
            History history = write(leader, random, 40);
            mergeAll(leader, random.nextBoolean() ? ALL : 0);
            FaultyDisk to = new FaultyDisk(seed + 1);
            Store follower = open(to);
            stream(leader, follower, 1 + random.nextInt(1_500), leader.end());
            assertSame(leader, follower, history);
            StoreOnDisk.sync(follower);
            to.powerFailure(random);
            Store again = open(to);
            assertSame(leader, again, history);
            FaultyDisk third = new FaultyDisk(seed + 2);
            Store other = open(third);
            stream(again, other, 1 + random.nextInt(1_500), again.end());
            assertSame(leader, other, history);
            mergeAll(other, ALL);
            assertSame(leader, other, history);
            StoreOnDisk.writeHints(other);
            other.closeCleanly();
            assertSame(leader, open(third), history);
        }
    }

    @Test
    void framedRecordsAreLoadedFromHints() throws IOException {
        Store leader = open(leaderDisk);
        History history = write(leader, new Random(4), 60);
        mergeAll(leader, ALL);
        Store follower = open(disk);
        stream(leader, follower, 300, leader.end());
        StoreOnDisk.sync(follower);
        follower.commit(follower.end());
        StoreOnDisk.writeHints(follower);
        disk.kill();
        Store again = open(disk);
        again.commit(again.end());
        assertSame(leader, again, history);
    }

    @Test
    void theEndAndTheEpochsSurviveTheirRecords() throws IOException {
        Store leader = open(leaderDisk);
        put(leader, 1, "a", "1");
        put(leader, 2, "b", "1");
        put(leader, 3, "a", "2");
        removeAll(leader, 4, "a", "b");
        mergeEverything(leader, ALL);
        put(leader, 5, "c", "1");
        Store follower = open(disk);
        RawRecords all = leader.beginRead(0, 1_000, leader.end()).run();
        assertThat(all.content().remaining()).as("bytes that are left").isZero();
        assertThat(all.completeAt()).isGreaterThanOrEqualTo(all.to());
        take(follower, all, leader);
        StoreOnDisk.sync(follower);
        disk.powerFailure();
        Store again = open(disk);
        assertThat(again.end()).isEqualTo(all.to());
        assertThat(again.epochs()).isEqualTo(leader.epochs().upTo(all.to()));
        assertThat(again.bounds().completeAt()).isEqualTo(all.completeAt());
    }

    @Test
    void aReadNeverGoesBeyondItsLimit() throws IOException {
        Store leader = open(leaderDisk);
        write(leader, new Random(3), 20);
        for (long limit = 1; limit < leader.end(); limit++) {
            assertThat(leader.beginRead(0, 1 << 20, limit).run().to()).isLessThanOrEqualTo(limit);
        }
        mergeAll(leader, ALL);
        for (long limit = 1; limit < leader.end(); limit++) {
            assertThat(leader.beginRead(0, 1 << 20, limit).run().to()).isLessThanOrEqualTo(limit);
        }
    }

    @Test
    void aReadSurvivesAMergeOfItsSegment() throws IOException {
        Store leader = open(leaderDisk);
        write(leader, new Random(3), 40);
        var read = leader.beginRead(0, 200, leader.end());
        mergeAll(leader, ALL);
        RawRecords batches = read.run();
        assertThat(batches.completeAt()).as("of what no merge had touched").isZero();
        Store follower = open(disk);
        take(follower, batches, leader);
        assertThat(follower.end()).isEqualTo(batches.to());
    }

    @Test
    void damagedRecordsAreNotStreamed() throws IOException {
        Store leader = open(leaderDisk);
        put(leader, 1, "key", "value");
        Path segment = StoreOnDisk.DIRECTORY.resolve("00000000000000000001.log");
        leaderDisk.damage(segment, leaderDisk.bytesOf(segment).length - 2);
        assertThatThrownBy(() -> leader.beginRead(0, 1_000, leader.end()).run()).hasMessageContaining("checksum");
    }

    @Test
    void invalidBatchesAreRefusedWhole() throws IOException {
        Store leader = open(leaderDisk);
        write(leader, new Random(7), 6);
        Store follower = open(disk);
        RawRecords sent = leader.beginRead(0, 1 << 20, leader.end()).run();
        byte[] bytes = new byte[sent.content().remaining()];
        sent.content().duplicate().get(bytes);
        Set<Path> before = disk.contents().keySet();
        for (int i = 0; i < bytes.length; i++) {
            byte[] damaged = bytes.clone();
            damaged[i] = (byte) ~damaged[i];
            assertRefused(follower, damaged, sent.to(), leader.epochs());
        }
        for (int length = 0; length < bytes.length; length++) {
            refusesUnlessEmpty(follower, Arrays.copyOf(bytes, length), sent.to(), leader.epochs());
        }
        assertRefused(follower, bytes, sent.to() - 1, leader.epochs());
        assertRefused(follower, bytes, sent.to(), new EpochHistory(List.of(new EpochHistory.Start(9, 1))));
        assertRefused(follower, bytes, sent.to(), EpochHistory.EMPTY);
        assertThatThrownBy(() -> follower.appendReplicated(buffer(bytes), 3, sent.to() + 3, leader.epochs()))
                .isInstanceOf(MalformedBatchesException.class);
        assertThat(follower.end()).isZero();
        assertThat(disk.contents()).as("files").containsOnlyKeys(before);
        take(follower, sent, leader);
        assertThat(follower.end()).isEqualTo(sent.to());
    }

    @Test
    void recordsInAnotherOrderAreRefused() throws IOException {
        byte[] first = group(1, 1, "a");
        byte[] second = group(1, 2, "b");
        EpochHistory epochs = new EpochHistory(List.of(new EpochHistory.Start(1, 1)));
        Store follower = open(disk);
        assertRefused(follower, joined(second, first), 2, epochs);
        assertRefused(follower, joined(first, first), 2, epochs);
        follower.appendReplicated(buffer(joined(first, second)), 0, 2, epochs);
        assertThat(follower.end()).isEqualTo(2);
    }

    @Test
    void partOfABatchIsRefused() throws IOException {
        byte[] batch = group(1, 1, "a", "b");
        Store follower = open(disk);
        assertRefused(
                follower,
                Arrays.copyOf(batch, batch.length / 2),
                1,
                new EpochHistory(List.of(new EpochHistory.Start(1, 1))));
    }

    @Test
    void recordsOfADivergedHistoryAreRefused() throws IOException {
        Store follower = open(disk);
        put(follower, 1, "a", "1");
        EpochHistory others = new EpochHistory(List.of(new EpochHistory.Start(2, 1)));
        assertThatThrownBy(() -> follower.appendReplicated(buffer(group(2, 2, "b")), 1, 2, others))
                .isInstanceOf(MalformedBatchesException.class)
                .hasMessageContaining("epochs");
    }

    @Test
    void framesAreWrittenToSeparateSegments() throws IOException {
        Store leader = open(leaderDisk);
        write(leader, new Random(5), 40);
        mergeAll(leader, ALL);
        Store follower = Store.open(disk, StoreOnDisk.DIRECTORY, StoreOnDisk.options(Durability.SYNC, "boot", 1 << 20));
        stream(leader, follower, 300, leader.end());
        assertThat(disk.contents().keySet())
                .filteredOn(file -> file.toString().endsWith(".log"))
                .hasSizeGreaterThan(1);
    }

    private byte[] group(int epoch, long sequence, String... keys) {
        encoder.start(epoch, sequence);
        for (String key : keys) {
            encoder.put(StoreOnDisk.bytes(key), StoreOnDisk.bytes("value"), 0);
        }
        encoder.endBatch();
        byte[] bytes = new byte[encoder.group().remaining()];
        encoder.group().get(bytes);
        return bytes;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    @Test
    void framesAreTruncatedWithTheRecordsThatFollowThem() throws IOException {
        Store leader = open(leaderDisk);
        History history = write(leader, new Random(9), 40);
        mergeAll(leader, ALL);
        Store follower = open(disk);
        stream(leader, follower, 400, leader.end());
        put(follower, 99, "only", "here");
        long end = leader.end();
        follower.truncate(end);
        assertSame(leader, follower, history);
        StoreOnDisk.sync(follower);
        disk.powerFailure();
        assertSame(leader, open(disk), history);
    }

    @Test
    void aCrashAtAnyOperationLosesNoAcknowledgedRecord() throws IOException {
        for (int luck = 0; luck < 4; luck++) {
            boolean stopped = true;
            for (int operation = 0; stopped; operation++) {
                stopped = feedStopping(operation, luck);
            }
        }
    }

    private static boolean feedStopping(int operation, int luck) throws IOException {
        Random random = new Random(luck);
        Store leader = open(new FaultyDisk(luck));
        History history = write(leader, random, 12);
        mergeAll(leader, ALL);
        FaultyDisk to = new FaultyDisk(luck);
        Store follower = open(to);
        to.stopAt(operation);
        long held = 0;
        boolean stopped = false;
        try {
            while (follower.end() < leader.end()) {
                take(
                        follower,
                        leader.beginRead(follower.end(), 150, leader.end()).run(),
                        leader);
                StoreOnDisk.sync(follower);
                held = follower.durableEnd();
            }
        } catch (IOException e) {
            if (!to.isStopped()) {
                throw e;
            }
            stopped = true;
        }
        if (luck == 0) {
            to.kill();
        } else {
            to.powerFailure(random);
        }
        Store again = open(to);
        assertThat(again.end()).as("operation %d, luck %d", operation, luck).isGreaterThanOrEqualTo(held);
        assertThat(again.epochs()).isEqualTo(leader.epochs().upTo(again.end()));
        stream(leader, again, 150, leader.end());
        assertSame(leader, again, history);
        return stopped;
    }

    @Test
    void savedBoundsSurviveACrash() throws IOException {
        Store store = open(disk);
        store.saveBounds(new CopyBounds(7, 11, 13));
        disk.powerFailure();
        Store again = open(disk);
        assertThat(again.bounds()).isEqualTo(new CopyBounds(7, 11, 13));
        assertThat(again.logTime()).isEqualTo(13);
        again.closeCleanly();
        assertThat(open(disk).bounds()).isEqualTo(new CopyBounds(7, 11, 13));
    }

    private static void assertSame(Store leader, Store follower, History history) throws IOException {
        assertThat(follower.end()).isEqualTo(leader.end());
        assertThat(follower.epochs()).isEqualTo(leader.epochs());
        follower.commit(follower.end());
        assertThat(follower.logTime()).isEqualTo(leader.logTime());
        assertThat(contents(follower)).isEqualTo(history.mapAt(history.end()));
    }

    private static Store open(FaultyDisk disk) throws IOException {
        return StoreOnDisk.open(disk, Durability.SYNC, "boot");
    }

    private static History write(Store store, Random random, int groups) throws IOException {
        History history = new History();
        int epoch = 1;
        for (int i = 0; i < groups; i++) {
            epoch += random.nextInt(5) == 0 ? 1 : 0;
            store.append(history.group(random, epoch, store.highWatermark()));
            if (random.nextBoolean()) {
                StoreOnDisk.sync(store);
                store.commit(store.end());
            }
        }
        StoreOnDisk.sync(store);
        store.commit(store.end());
        return history;
    }

    private void put(Store store, int epoch, String key, String value) throws IOException {
        encoder.start(epoch, store.end() + 1);
        encoder.put(StoreOnDisk.bytes(key), StoreOnDisk.bytes(value), 0);
        encoder.endBatch();
        store.append(encoder.group());
        StoreOnDisk.sync(store);
        if (epoch < 99) {
            store.commit(store.end());
        }
    }

    private void removeAll(Store store, int epoch, String... keys) throws IOException {
        encoder.start(epoch, store.end() + 1);
        for (String key : keys) {
            encoder.tombstone(StoreOnDisk.bytes(key));
        }
        encoder.endBatch();
        store.append(encoder.group());
        StoreOnDisk.sync(store);
        store.commit(store.end());
    }

    private static void mergeEverything(Store store, long horizon) throws IOException {
        store.maintenance().sealIfDeadRatioAtLeast(0, 0);
        mergeAll(store, horizon);
    }

    private static void mergeAll(Store store, long horizon) throws IOException {
        MergePolicy policy = new MergePolicy(1e-9, 3_000, () -> horizon, true);
        for (Optional<Merge> merge = Merge.begin(store, policy, 0); merge.isPresent(); ) {
            merge.get().run(step -> step.run(), bytes -> {});
            merge = Merge.begin(store, policy, merge.get().last());
        }
    }

    private static void stream(Store leader, Store follower, int maxBytes, long limit) throws IOException {
        while (follower.end() < limit) {
            RawRecords batches =
                    leader.beginRead(follower.end(), maxBytes, limit).run();
            if (batches.to() == batches.from()) {
                return;
            }
            take(follower, batches, leader);
        }
    }

    private static void take(Store follower, RawRecords batches, Store leader) throws IOException {
        if (batches.completeAt() > follower.bounds().completeAt()) {
            follower.saveBounds(new CopyBounds(0, batches.completeAt(), batches.logTime()));
            follower.adoptLogTime();
        }
        follower.appendReplicated(batches.content(), batches.from(), batches.to(), leader.epochs());
    }

    private static void assertRefused(Store follower, byte[] bytes, long to, EpochHistory epochs) {
        assertThatThrownBy(() -> follower.appendReplicated(buffer(bytes), 0, to, epochs))
                .isInstanceOf(MalformedBatchesException.class);
    }

    /// Nothing at all may be what is left of a log; MARKs show that these batches are no such remains.
    private static void refusesUnlessEmpty(Store follower, byte[] bytes, long to, EpochHistory epochs) {
        if (bytes.length > 0) {
            assertRefused(follower, bytes, to, epochs);
        }
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
