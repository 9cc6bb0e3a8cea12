package io.caskade.bitcask.store.checkpoint;

import static io.caskade.bitcask.store.StoreOnDisk.CHECKPOINT;
import static io.caskade.bitcask.store.StoreOnDisk.DIRECTORY;
import static io.caskade.bitcask.store.StoreOnDisk.bytes;
import static io.caskade.bitcask.store.StoreOnDisk.contents;
import static io.caskade.bitcask.store.StoreOnDisk.sync;
import static io.caskade.bitcask.store.StoreOnDisk.writeHints;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.Durability;
import io.caskade.bitcask.Entry;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.disk.FaultyDisk.Kind;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.store.History;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.StoreOnDisk;
import io.caskade.bitcask.store.StoreOptions;
import io.caskade.bitcask.store.copy.CopyMetadataFile;
import io.caskade.bitcask.store.copy.CopyState;
import io.caskade.bitcask.store.index.SegmentStats;
import io.caskade.bitcask.store.merge.MaintenanceTask;
import io.caskade.bitcask.store.merge.Merge;
import io.caskade.bitcask.store.merge.MergePolicy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// A checkpoint saves reading the log, and whatever it looks like, costs no more than that.
final class CheckpointTest {

    private static final MergePolicy ALL = new MergePolicy(0.01, 2_000, () -> Long.MAX_VALUE, true);

    private final FaultyDisk disk = new FaultyDisk(1);
    private final BatchEncoder encoder = new BatchEncoder();

    @Test
    void aStoreThatWasClosedCleanlyIsOpenedWithoutReadingItsLog() throws IOException {
        Store written = open(disk, 1 << 20);
        for (int i = 0; i < 12; i++) {
            put(written, "key" + i, "x".repeat(1_000));
        }
        written.commit(written.end());
        written.closeCleanly();
        byte[] checkpoint = disk.bytesOf(CHECKPOINT);
        Path segment = DIRECTORY.resolve("00000000000000000001.log");
        byte[] bytes = disk.bytesOf(segment);
        bytes[32 + 48 + 32 + 4] ^= 1;
        disk.plant(segment, bytes);
        Map<Path, byte[]> files = disk.contents();
        Store store = open(disk, 1 << 20);
        assertThat(store.isFromCheckpoint()).isTrue();
        assertThatThrownBy(() -> store.get(bytes("key0"))).isInstanceOf(DamagedLogException.class);
        store.closeCleanly();
        assertThat(disk.bytesOf(CHECKPOINT)).isEqualTo(checkpoint);
        files.remove(CHECKPOINT);
        assertThatThrownBy(() -> open(FaultyDisk.holding(files))).isInstanceOf(DamagedLogException.class);
    }

    /// All that a store knows goes into its checkpoint, so equal ones mean that recovery and checkpoints agree.
    @Test
    void aCheckpointMatchesRecoveryWithAndWithoutHints() throws IOException {
        for (long seed = 0; seed < 60; seed++) {
            FaultyDisk other = new FaultyDisk(seed);
            Store written = writeAtRandom(other, new Random(seed), false);
            Map<String, String> shown = contents(written);
            written.closeCleanly();
            String checkpoint = saidBy(other.bytesOf(CHECKPOINT));
            Map<Path, byte[]> files = new HashMap<>(other.contents());
            assertThat(saidBy(closedAgain(files, true, shown)))
                    .as("seed %d, resumed", seed)
                    .isEqualTo(checkpoint);
            files.remove(CHECKPOINT);
            assertThat(saidBy(closedAgain(files, false, shown)))
                    .as("seed %d, by hints", seed)
                    .isEqualTo(checkpoint);
            files.keySet().removeIf(file -> file.toString().endsWith(".hint"));
            assertThat(saidBy(closedAgain(files, false, shown)))
                    .as("seed %d, by the log", seed)
                    .isEqualTo(checkpoint);
        }
    }

    /// Everything but how many bytes expire at all: hints do not tell, and nothing needs it before a segment
    /// is scanned.
    private static String saidBy(byte[] bytes) {
        ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int length = CheckpointFormat.lengthOf(all);
        Checkpoint checkpoint = CheckpointFormat.decode(all.slice(0, length).order(ByteOrder.LITTLE_ENDIAN));
        List<String> stats = checkpoint.segmentStats().stream()
                .map(columns -> {
                    long[] known = columns.clone();
                    known[SegmentStats.EXPIRING] = 0;
                    return Arrays.toString(known);
                })
                .toList();
        return List.of(
                        checkpoint.log(),
                        checkpoint.highWatermark(),
                        checkpoint.logTime(),
                        stats,
                        checkpoint.inFlight(),
                        HexFormat.of().formatHex(bytes, length, bytes.length))
                .toString();
    }

    @Test
    void aStoreWithMergedSegmentsIsTheSameAfterAnyNumberOfCleanReopenings() throws IOException {
        for (long seed = 0; seed < 60; seed++) {
            FaultyDisk other = new FaultyDisk(seed);
            Store written = writeAtRandom(other, new Random(seed), true);
            Map<String, String> shown = contents(written);
            written.closeCleanly();
            byte[] checkpoint = other.bytesOf(CHECKPOINT);
            byte[] again = closedAgain(other.contents(), true, shown);
            assertThat(again).as("seed %d", seed).isEqualTo(checkpoint);
            Store store = open(other);
            mergeAll(store);
            assertThat(contents(store)).as("seed %d", seed).isEqualTo(shown);
        }
    }

    private byte[] closedAgain(Map<Path, byte[]> files, boolean resumed, Map<String, String> shown) throws IOException {
        FaultyDisk copy = FaultyDisk.holding(files);
        Store store = open(copy);
        assertThat(store.isFromCheckpoint()).isEqualTo(resumed);
        assertThat(contents(store)).isEqualTo(shown);
        store.closeCleanly();
        return copy.bytesOf(CHECKPOINT);
    }

    @Test
    void uncommittedRecordsCanStillBeCommitted() throws IOException {
        Store store = open(disk);
        put(store, "a", "1");
        sync(store);
        store.commit(store.end());
        long committed = store.end();
        put(store, "a", "2");
        encoder.start(1, store.end() + 1);
        encoder.tombstone(bytes("a"));
        encoder.endBatch();
        encoder.mark(9_000, committed);
        encoder.clear();
        store.append(encoder.group());
        put(store, "b", "3");
        store.closeCleanly();
        Map<Path, byte[]> files = disk.contents();

        Store again = open(disk);
        assertThat(again.isFromCheckpoint()).isTrue();
        assertThat(again.highWatermark()).isEqualTo(committed);
        assertThat(contents(again)).isEqualTo(Map.of("a", "1"));
        again.commit(committed + 2);
        assertThat(contents(again)).isEqualTo(Map.of("a", "2"));
        again.commit(committed + 3);
        assertThat(contents(again)).isEmpty();
        again.commit(committed + 4);
        assertThat(again.logTime()).isEqualTo(9_000);
        again.commit(again.end());
        assertThat(contents(again)).isEqualTo(Map.of("b", "3"));

        Store other = open(FaultyDisk.holding(files));
        other.truncate(committed + 2);
        put(other, "c", "4");
        other.commit(other.end());
        assertThat(contents(other)).isEqualTo(Map.of("a", "2", "c", "4"));
    }

    @Test
    void writingContinuesAtTheEnd() throws IOException {
        Store store = open(disk);
        for (int i = 0; i < 40; i++) {
            put(store, "key" + i % 7, "value" + i);
            sync(store);
            store.commit(store.end());
            long end = store.end();
            store.closeCleanly();
            store = open(disk);
            assertThat(store.isFromCheckpoint()).isTrue();
            assertThat(store.end()).isEqualTo(end);
            assertThat(store.durableEnd()).isEqualTo(end);
        }
        disk.kill();
        assertThat(contents(open(disk))).hasSize(7).containsEntry("key4", "value39");
    }

    @Test
    void aFlippedBitAnywhereOnlySlowsOpening() throws IOException {
        Map<String, String> written = write();
        Map<Path, byte[]> files = disk.contents();
        byte[] whole = disk.bytesOf(CHECKPOINT);
        for (int at = 0; at < whole.length; at++) {
            for (int pattern : new int[] {0x01, 0x10, 0x80, 0xff}) {
                byte[] bytes = whole.clone();
                bytes[at] ^= (byte) pattern;
                expectUnused("byte " + at + " xor " + Integer.toHexString(pattern), files, bytes, written);
            }
        }
    }

    @Test
    void aTruncatedCheckpointOnlySlowsOpening() throws IOException {
        Map<String, String> written = write();
        Map<Path, byte[]> files = disk.contents();
        byte[] whole = disk.bytesOf(CHECKPOINT);
        for (int length = 0; length < whole.length + 40; length++) {
            if (length != whole.length) {
                expectUnused("length " + length, files, Arrays.copyOf(whole, length), written);
            }
        }
    }

    @Test
    void aZeroedSectorOnlySlowsOpening() throws IOException {
        Map<String, String> written = write();
        Map<Path, byte[]> files = disk.contents();
        byte[] whole = disk.bytesOf(CHECKPOINT);
        for (int from = 0; from < whole.length; from += 8) {
            byte[] bytes = whole.clone();
            Arrays.fill(bytes, from, Math.min(bytes.length, from + 64), (byte) 0);
            if (!Arrays.equals(bytes, whole)) {
                expectUnused("zeros from " + from, files, bytes, written);
            }
        }
    }

    private void expectUnused(String what, Map<Path, byte[]> files, byte[] checkpoint, Map<String, String> written)
            throws IOException {
        Map<Path, byte[]> changed = new HashMap<>(files);
        changed.put(CHECKPOINT, checkpoint);
        FaultyDisk copy = FaultyDisk.holding(changed);
        Store store = open(copy);
        assertThat(store.isFromCheckpoint()).as(what).isFalse();
        assertThat(contents(store)).as(what).isEqualTo(written);
        assertThat(copy.exists(CHECKPOINT)).as(what).isFalse();
    }

    @Test
    void aCheckpointMadeWithAnotherSecretIsNotUsed() throws IOException {
        Map<String, String> written = write();
        StoreOptions plain = StoreOnDisk.options(Durability.SYNC, "", 400);
        KeyHasher otherHasher = new KeyHasher("another that is 32 bytes long  !".getBytes(StandardCharsets.US_ASCII));
        Store store =
                Store.open(disk, DIRECTORY, new StoreOptions(plain.log(), otherHasher, 0, "boot-1", UUID::randomUUID));
        assertThat(store.isFromCheckpoint()).isFalse();
        assertThat(contents(store)).isEqualTo(written);
    }

    @Test
    void aCheckpointWithoutItsLogIsNotUsed() throws IOException {
        write();
        for (Path segment : disk.contents().keySet()) {
            if (segment.toString().endsWith(".log")) {
                Map<Path, byte[]> files = new HashMap<>(disk.contents());
                files.remove(segment);
                assertThatThrownBy(() -> open(FaultyDisk.holding(files)))
                        .as(segment.toString())
                        .isInstanceOf(DamagedLogException.class);
            }
        }
    }

    @Test
    void aCheckpointOfASegmentWithOtherFirstOrLastBytesIsNotUsed() throws IOException {
        write();
        Map<Path, byte[]> files = disk.contents();
        for (Map.Entry<Path, byte[]> segment : files.entrySet()) {
            if (segment.getKey().toString().endsWith(".log")) {
                int length = segment.getValue().length;
                for (int at : new int[] {8, 12, 16, 24, 28, length - 1, length - 20}) {
                    byte[] bytes = segment.getValue().clone();
                    bytes[at] ^= 1;
                    expectRefused(files, segment.getKey(), bytes);
                }
                expectRefused(files, segment.getKey(), Arrays.copyOf(segment.getValue(), length - 1));
            }
        }
    }

    private static void expectRefused(Map<Path, byte[]> files, Path segment, byte[] bytes) {
        Map<Path, byte[]> changed = new HashMap<>(files);
        changed.put(segment, bytes);
        assertThatThrownBy(() -> open(FaultyDisk.holding(changed))).isInstanceOf(DamagedLogException.class);
    }

    @Test
    void aCheckpointOfALogThatHasGrownIsNotUsed() throws IOException {
        Map<String, String> written = write();
        Map<Path, byte[]> files = new HashMap<>(disk.contents());
        Path newest = files.keySet().stream()
                .filter(file -> file.toString().endsWith(".log"))
                .max(Path::compareTo)
                .orElseThrow();
        files.put(newest, Arrays.copyOf(disk.bytesOf(newest), disk.bytesOf(newest).length + 8));
        Store store = open(FaultyDisk.holding(files));
        assertThat(store.isFromCheckpoint()).isFalse();
        assertThat(contents(store)).isEqualTo(written);
    }

    @Test
    void aCheckpointRestoredAfterWritesIsNotUsed() throws IOException {
        write();
        byte[] old = disk.bytesOf(CHECKPOINT);
        Store store = open(disk);
        put(store, "key1", "newer");
        sync(store);
        store.commit(store.end());
        disk.kill();
        disk.plant(CHECKPOINT, old);
        Store killed = open(disk);
        killed.commit(killed.end());
        assertThat(killed.isFromCheckpoint()).isFalse();
        assertThat(contents(killed)).containsEntry("key1", "newer");
        killed.closeCleanly();
        disk.plant(CHECKPOINT, old);
        Store again = open(disk);
        assertThat(again.isFromCheckpoint()).isFalse();
        assertThat(contents(again)).containsEntry("key1", "newer");
    }

    /// Both are of the same log, of which more is committed the second time.
    @Test
    void aCheckpointOfAnEarlierCleanCloseIsNotUsed() throws IOException {
        write();
        Store store = open(disk);
        put(store, "key1", "newer");
        store.closeCleanly();
        byte[] earlier = disk.bytesOf(CHECKPOINT);
        Store second = open(disk);
        second.commit(second.end());
        second.closeCleanly();
        assertThat(disk.bytesOf(CHECKPOINT)).isNotEqualTo(earlier);
        disk.plant(CHECKPOINT, earlier);
        Store third = open(disk);
        assertThat(third.isFromCheckpoint()).isFalse();
        third.commit(third.end());
        assertThat(contents(third)).containsEntry("key1", "newer");
    }

    /// The files are as they were when the checkpoint was written, so nothing but `copy` can tell.
    @Test
    void aCheckpointIsNotUsedUnlessTheCopyWasClosedCleanly() throws IOException {
        write();
        byte[] checkpoint = disk.bytesOf(CHECKPOINT);
        open(disk);
        disk.kill();
        disk.plant(CHECKPOINT, checkpoint);
        assertThat(open(disk).isFromCheckpoint()).isFalse();
    }

    @Test
    void onlyASuccessfulOpeningRemovesTheCheckpoint() throws IOException {
        write();
        disk.fail(Kind.RENAME, 1);
        assertThatThrownBy(() -> open(disk)).hasMessageContaining("Input/output error");
        Store store = open(disk);
        assertThat(store.isFromCheckpoint()).isTrue();
        assertThat(disk.exists(CHECKPOINT)).isFalse();
    }

    @Test
    void anUnreadableCheckpointIsIgnored() throws IOException {
        Map<String, String> written = write();
        int resumed = 0;
        for (int which = 1; which < 60; which++) {
            FaultyDisk copy = FaultyDisk.holding(disk.contents());
            copy.fail(Kind.READ, which);
            try {
                Store store = open(copy);
                copy.fail(Kind.READ, Integer.MAX_VALUE);
                resumed += store.isFromCheckpoint() ? 1 : 0;
                assertThat(contents(store)).isEqualTo(written);
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("Input/output error");
            }
        }
        assertThat(resumed).isGreaterThan(0);
    }

    @Test
    void aFullDiskAllowsACleanCloseWithoutACheckpoint() throws IOException {
        int resumed = 0;
        for (int free = 500; free < 80_000; free += 500) {
            FaultyDisk full = new FaultyDisk(1);
            Store store = open(full);
            fill(store);
            Map<String, String> written = contents(store);
            full.setFreeBytes(free);
            store.closeCleanly();
            full.setFreeBytes(1 << 20);
            CopyState copy = new CopyMetadataFile(full, DIRECTORY).read().orElseThrow();
            assertThat(copy.cleanEnd()).isPresent();
            assertThat(copy.checkpoint().isPresent()).isEqualTo(full.exists(CHECKPOINT));
            Store again = open(full);
            assertThat(contents(again)).isEqualTo(written);
            resumed += again.isFromCheckpoint() ? 1 : 0;
        }
        assertThat(resumed).isBetween(1, 100);
    }

    @Test
    void aCheckpointThatCannotBeWrittenHarmsNothing() throws IOException {
        for (Kind kind : new Kind[] {Kind.CREATE, Kind.WRITE}) {
            FaultyDisk other = new FaultyDisk(1);
            Store store = open(other);
            fill(store);
            Map<String, String> written = contents(store);
            other.fail(kind, 1);
            store.closeCleanly();
            assertThat(other.exists(CHECKPOINT)).isFalse();
            Store again = open(other);
            assertThat(again.isFromCheckpoint()).isFalse();
            assertThat(contents(again)).isEqualTo(written);
        }
    }

    @Test
    void aStoreOfManyKeysComesBackWhole() throws IOException {
        Store store = open(disk, 1 << 20);
        int keys = 40_000;
        for (int i = 0; i < keys; ) {
            encoder.start(1, store.end() + 1);
            for (int j = 0; j < 1_000; j++, i++) {
                encoder.put(bytes("key" + i), bytes("value" + i), 0);
                encoder.endBatch();
            }
            store.append(encoder.group());
        }
        store.commit(store.end());
        store.closeCleanly();
        byte[] checkpoint = disk.bytesOf(CHECKPOINT);
        Store again = open(disk, 1 << 20);
        assertThat(again.isFromCheckpoint()).isTrue();
        assertThat(again.size()).isEqualTo(keys);
        for (int i = 0; i < keys; i++) {
            Entry entry = again.get(bytes("key" + i));
            assertThat(entry == null ? null : StoreOnDisk.text(entry.value())).isEqualTo("value" + i);
        }
        again.closeCleanly();
        assertThat(disk.bytesOf(CHECKPOINT)).isEqualTo(checkpoint);
        Random random = new Random(1);
        for (int i = 0; i < 20; i++) {
            byte[] flipped = checkpoint.clone();
            flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
            FaultyDisk copy = FaultyDisk.holding(disk.contents());
            copy.plant(CHECKPOINT, flipped);
            Store recovered = open(copy, 1 << 20);
            assertThat(recovered.isFromCheckpoint()).isFalse();
            assertThat(recovered.size()).isEqualTo(keys);
            recovered.closeCleanly();
            assertThat(copy.bytesOf(CHECKPOINT))
                    .as("nothing of the damaged one is left")
                    .isEqualTo(checkpoint);
        }
    }

    private Map<String, String> write() throws IOException {
        Store store = open(disk);
        fill(store);
        Map<String, String> contents = contents(store);
        store.closeCleanly();
        return contents;
    }

    private void fill(Store store) throws IOException {
        for (int i = 0; i < 12; i++) {
            put(store, "key" + i % 9, "value" + i);
        }
        sync(store);
        store.commit(store.end());
    }

    private void put(Store store, String key, String value) throws IOException {
        encoder.start(1, store.end() + 1);
        encoder.mark(1_000 + store.end(), store.highWatermark());
        encoder.put(bytes(key), bytes(value), 0);
        encoder.endBatch();
        store.append(encoder.group());
    }

    private static Store writeAtRandom(FaultyDisk disk, Random random, boolean merging) throws IOException {
        Store store = open(disk);
        History history = new History();
        for (int i = 0; i < 40; i++) {
            store.append(history.group(random, 1 + i / 7, store.highWatermark()));
            sync(store);
            store.commit(store.end());
            if (random.nextInt(5) == 0) {
                writeHints(store);
            }
            if (merging && random.nextInt(10) == 0) {
                mergeAll(store);
            }
        }
        assertThat(contents(store)).isEqualTo(history.mapAt(history.end()));
        return store;
    }

    private static void mergeAll(Store store) throws IOException {
        for (Optional<Merge> merge = Merge.begin(store, ALL, 0);
                merge.isPresent();
                merge = Merge.begin(store, ALL, merge.get().last())) {
            merge.get().run(MaintenanceTask.Step::run, bytes -> {});
        }
    }

    private static Store open(FaultyDisk disk) throws IOException {
        return open(disk, 400);
    }

    private static Store open(FaultyDisk disk, long segmentBytes) throws IOException {
        return Store.open(disk, DIRECTORY, StoreOnDisk.options(Durability.SYNC, "boot-1", segmentBytes));
    }
}
