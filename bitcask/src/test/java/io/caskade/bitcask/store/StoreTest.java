package io.caskade.bitcask.store;

import static io.caskade.bitcask.store.StoreOnDisk.COPY;
import static io.caskade.bitcask.store.StoreOnDisk.DIRECTORY;
import static io.caskade.bitcask.store.StoreOnDisk.bytes;
import static io.caskade.bitcask.store.StoreOnDisk.contents;
import static io.caskade.bitcask.store.StoreOnDisk.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.DirectoryInUseException;
import io.caskade.bitcask.DiskFullException;
import io.caskade.bitcask.Durability;
import io.caskade.bitcask.Entry;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.disk.FaultyDisk.Kind;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.RecordFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class StoreTest {

    private final FaultyDisk disk = new FaultyDisk(1);
    private final BatchEncoder encoder = new BatchEncoder();

    /// Which records reads see.
    @Nested
    class Visibility {

        @Test
        void aRecordIsVisibleOnceItIsCommittedAndNotBefore() throws IOException {
            Store store = open();
            append(store, records -> put(records, "a", "1"));
            assertThat(store.get(bytes("a"))).isNull();
            assertThat(store.locate(store.hash(bytes("a")))).isEqualTo(Location.NONE);
            assertThat(store.size()).isZero();
            store.commit(1);
            assertThat(text(Objects.requireNonNull(store.get(bytes("a"))).value()))
                    .isEqualTo("1");
            append(store, records -> put(records, "a", "2"));
            assertThat(text(Objects.requireNonNull(store.get(bytes("a"))).value()))
                    .isEqualTo("1");
            store.commit(2);
            assertThat(Objects.requireNonNull(store.get(bytes("a"))).version()).isEqualTo(2);
            assertThat(store.size()).isEqualTo(1);
        }

        @Test
        void commitNeverMovesBackAndNeverBeyondTheEnd() throws IOException {
            Store store = open();
            append(store, records -> put(records, "a", "1"));
            store.commit(1);
            store.commit(0);
            assertThat(store.highWatermark()).isEqualTo(1);
            assertThatThrownBy(() -> store.commit(2)).isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void tombstonesAndClearRemoveKeys() throws IOException {
            Store store = open();
            append(store, records -> {
                put(records, "a", "1");
                put(records, "b", "2");
                put(records, "c", "3");
                records.tombstone(bytes("b"));
                records.endBatch();
            });
            store.commit(store.end());
            assertThat(contents(store)).isEqualTo(Map.of("a", "1", "c", "3"));
            append(store, records -> {
                records.clear();
                put(records, "d", "4");
            });
            store.commit(store.end());
            assertThat(contents(store)).isEqualTo(Map.of("d", "4"));
        }

        @Test
        void logTimeComesFromTheNewestCommittedMarkAndNeverMovesBack() throws IOException {
            Store store = open();
            append(store, records -> records.mark(500, 0));
            assertThat(store.logTime()).isZero();
            store.commit(1);
            append(store, records -> records.mark(400, 1));
            store.commit(2);
            assertThat(store.logTime()).isEqualTo(500);
        }

        @Test
        void truncatingAnUncommittedTailDoesNotTouchWhatIsVisible() throws IOException {
            Store store = open();
            append(store, records -> put(records, "a", "1"));
            store.commit(1);
            append(store, records -> put(records, "a", "2"));
            append(store, records -> put(records, "b", "2"));
            store.truncate(1);
            append(store, records -> put(records, "c", "3"));
            store.commit(2);
            assertThat(contents(store)).isEqualTo(Map.of("a", "1", "c", "3"));
        }

        @Test
        void truncatingBelowTheHighWatermarkIsRefused() throws IOException {
            Store store = open();
            append(store, records -> put(records, "a", "1"));
            store.commit(1);
            assertThatThrownBy(() -> store.truncate(0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("below the high watermark");
            assertThat(contents(store)).isEqualTo(Map.of("a", "1"));
        }

        @Test
        void recordsCommittedByAMarkAreVisibleAfterReopening() throws IOException {
            Store store = open();
            append(store, records -> {
                put(records, "a", "1");
                put(records, "b", "2");
            });
            append(store, records -> records.mark(9, 1));
            disk.kill();
            Store again = open();
            assertThat(again.highWatermark()).isEqualTo(1);
            assertThat(contents(again)).isEqualTo(Map.of("a", "1"));
            again.commit(3);
            assertThat(contents(again)).isEqualTo(Map.of("a", "1", "b", "2"));
        }

        @Test
        void aDamagedRecordIsAnErrorAndNeverAWrongValue() throws IOException {
            Store store = open();
            append(store, records -> put(records, "a", "value"));
            store.commit(1);
            Path segment = DIRECTORY.resolve("00000000000000000001.log");
            try (var file = disk.open(segment)) {
                file.write(ByteBuffer.wrap(bytes("X")), file.size() - 1);
            }
            assertThatThrownBy(() -> store.get(bytes("a")))
                    .isInstanceOf(DamagedLogException.class)
                    .hasMessageContaining(segment.toString());
        }

        @Test
        void aReadErrorIsNotAMissingKey() throws IOException {
            Store store = open();
            append(store, records -> put(records, "a", "value"));
            store.commit(1);
            disk.fail(Kind.READ, 1);
            assertThatThrownBy(() -> store.get(bytes("a"))).hasMessageContaining("Input/output error");
            assertThat(store.get(bytes("a"))).isNotNull();
        }

        @Test
        void theCacheServesTheCommittedValueAndNeverAnOlderOne() throws IOException {
            StoreOptions plain = StoreOnDisk.options(Durability.SYNC, "", 400);
            Store store = Store.open(
                    disk, DIRECTORY, new StoreOptions(plain.log(), plain.hasher(), 1 << 20, "", plain.identities()));
            append(store, records -> put(records, "a", "1"));
            store.commit(1);
            Entry first = Objects.requireNonNull(store.get(bytes("a")));
            assertThat(store.get(bytes("a"))).isSameAs(first);
            append(store, records -> put(records, "a", "2"));
            assertThat(store.get(bytes("a"))).isSameAs(first);
            store.commit(2);
            assertThat(text(Objects.requireNonNull(store.get(bytes("a"))).value()))
                    .isEqualTo("2");
        }

        @Test
        void memoryAnswersForMissingAndCachedKeys() throws IOException {
            StoreOptions plain = StoreOnDisk.options(Durability.SYNC, "", 400);
            Store store = Store.open(
                    disk, DIRECTORY, new StoreOptions(plain.log(), plain.hasher(), 1 << 20, "", plain.identities()));
            assertThat(store.lookUp(bytes("a"))).isEqualTo(new CacheLookup.Known(null));

            append(store, records -> put(records, "a", "1"));
            store.commit(1);
            assertThat(store.lookUp(bytes("a"))).isInstanceOf(CacheLookup.OnDisk.class);
            Entry read = store.get(bytes("a"));
            assertThat(store.lookUp(bytes("a"))).isEqualTo(new CacheLookup.Known(read));

            append(store, records -> put(records, "a", "2"));
            store.commit(2);
            assertThat(store.lookUp(bytes("a"))).isInstanceOf(CacheLookup.OnDisk.class);
        }

        /// With space preallocated behind the records, all of which is mapped.
        private Store openMapped() throws IOException {
            disk.mapFiles();
            return Store.open(disk, DIRECTORY, StoreOnDisk.options(Durability.SYNC, "", 4 << 20, 1 << 20));
        }

        @Test
        void thePageCacheAnswersForSmallRecords() throws IOException {
            Store store = openMapped();
            append(store, records -> put(records, "small", "1"));
            append(store, records -> put(records, "large", "1".repeat(20_000)));
            store.commit(2);

            assertThat(store.lookUp(bytes("small")))
                    .isInstanceOfSatisfying(
                            CacheLookup.Known.class,
                            known -> assertThat(text(Objects.requireNonNull(known.entry())
                                            .value()))
                                    .isEqualTo("1"));
            assertThat(store.lookUp(bytes("large"))).isInstanceOf(CacheLookup.OnDisk.class);
        }

        @Test
        void thePageCacheDoesNotAnswerForADamagedRecord() throws IOException {
            Store store = openMapped();
            append(store, records -> put(records, "a", "1"));
            store.commit(1);
            Path segment = DIRECTORY.resolve("00000000000000000001.log");
            byte[] bytes = disk.bytesOf(segment);
            int last = bytes.length - 1;
            while (bytes[last] == 0) {
                last--;
            }
            disk.damage(segment, last);

            assertThat(store.lookUp(bytes("a"))).isInstanceOf(CacheLookup.OnDisk.class);
            assertThatThrownBy(() -> store.get(bytes("a"))).isInstanceOf(DamagedLogException.class);
        }

        @Test
        void whatARecordSaysOfItselfNeedsNoValue() throws IOException {
            Store store = open();
            append(store, records -> put(records, "a", "value"));
            append(store, records -> put(records, "b", "x".repeat(100)));
            store.commit(2);
            CacheLookup.OnDisk found = (CacheLookup.OnDisk) store.lookUp(bytes("a"));

            assertThat(store.readInfo(found, bytes("a"))).isEqualTo(new EntryInfo(5, 1, 0));
            damage(disk, store, "a", RecordFormat.HEADER_BYTES + 1);
            assertThatThrownBy(() -> store.get(bytes("a"))).isInstanceOf(DamagedLogException.class);
            assertThat(store.readInfo(found, bytes("a"))).isEqualTo(new EntryInfo(5, 1, 0));

            append(store, records -> put(records, "a", "longer than before"));
            store.commit(3);
            append(store, records -> {
                records.tombstone(bytes("b"));
                records.endBatch();
            });
            CacheLookup.OnDisk removed = (CacheLookup.OnDisk) store.lookUp(bytes("b"));
            store.commit(4);
            assertThat(store.readInfo((CacheLookup.OnDisk) store.lookUp(bytes("a")), bytes("a")))
                    .isEqualTo(new EntryInfo(18, 3, 0));
            assertThat(store.readInfo(removed, bytes("b"))).isEqualTo(new EntryInfo(100, 2, 0));
        }

        /// A key that is not the one looked for could be another with the same hash.
        @Test
        void aHeaderOrKeyThatCannotBeRightIsReadWithItsChecksum() throws IOException {
            for (int at : new int[] {
                RecordFormat.KIND, RecordFormat.KIND + 2, RecordFormat.VALUE_LENGTH + 1, RecordFormat.HEADER_BYTES
            }) {
                FaultyDisk other = new FaultyDisk(1);
                Store store = StoreOnDisk.open(other, Durability.SYNC, "");
                append(store, records -> put(records, "a", "value"));
                store.commit(1);
                damage(other, store, "a", at);

                CacheLookup.OnDisk found = (CacheLookup.OnDisk) store.lookUp(bytes("a"));
                assertThatThrownBy(() -> store.readInfo(found, bytes("a")))
                        .as("byte %d", at)
                        .isInstanceOf(DamagedLogException.class);
            }
        }

        private static void damage(FaultyDisk of, Store store, String key, int at) throws IOException {
            try (var file = of.open(DIRECTORY.resolve("00000000000000000001.log"))) {
                long offset = Location.offset(store.locate(store.hash(bytes(key)))) + at;
                file.write(ByteBuffer.wrap(new byte[] {77}), offset);
            }
        }

        @Test
        void withoutACacheMemoryAnswersForNoRecord() throws IOException {
            Store store = open();
            append(store, records -> put(records, "a", "1"));
            store.commit(1);
            store.get(bytes("a"));

            assertThat(store.lookUp(bytes("a"))).isInstanceOf(CacheLookup.OnDisk.class);
        }
    }

    /// Which directories are opened, and which are refused.
    @Nested
    class Opening {

        @Test
        void anOpenDirectoryIsRefusedUntilItIsClosed() throws IOException {
            Store store = open();
            assertThatThrownBy(StoreTest.this::open).isInstanceOf(DirectoryInUseException.class);
            store.close();
            open().closeCleanly();
            open().closeCleanly();
        }

        @Test
        void aStoreThatFailsToOpenUnlocksTheDirectory() throws IOException {
            for (Kind kind : new Kind[] {Kind.SYNC_DIRECTORY, Kind.CREATE, Kind.WRITE, Kind.SYNC, Kind.RENAME}) {
                disk.fail(kind, 1);
                assertThatThrownBy(StoreTest.this::open).as(kind.name()).hasMessageContaining("Input/output error");
            }
            open().close();
        }

        @Test
        void anotherPartitionsCopyIsRefused() throws IOException {
            open().closeCleanly();
            StoreOptions other = new StoreOptions(
                    new LogOptions(8, 400, Durability.SYNC),
                    StoreOnDisk.options(Durability.SYNC, "", 400).hasher(),
                    0,
                    "",
                    UUID::randomUUID);
            assertThatThrownBy(() -> Store.open(disk, DIRECTORY, other))
                    .hasMessageContaining("holds a copy of partition 7, not of 8");
        }

        @Test
        void segmentsWithoutACopyFileAreRefused() throws IOException {
            Store store = open();
            append(store, records -> put(records, "a", "1"));
            store.closeCleanly();
            disk.delete(COPY);
            assertThatThrownBy(StoreTest.this::open).hasMessageContaining("has segments but no file `copy`");
        }

        @Test
        void aDamagedCopyFileIsRefusedAndNothingIsChanged() throws IOException {
            open().closeCleanly();
            byte[] bytes = disk.bytesOf(COPY);
            bytes[20] ^= 1;
            disk.plant(COPY, bytes);
            assertThatThrownBy(StoreTest.this::open)
                    .hasMessageContaining(COPY.toString())
                    .hasMessageContaining("damaged");
            assertThat(disk.contents()).containsOnlyKeys(COPY, StoreOnDisk.CHECKPOINT);
            assertThat(disk.bytesOf(COPY)).isEqualTo(bytes);
        }

        @Test
        void aBootIdThatWouldCorruptTheCopyFileIsRefused() {
            for (String boot : new String[] {"two\nlines", "a space", "é", "x".repeat(200)}) {
                assertThatThrownBy(() -> StoreOnDisk.options(Durability.SYNC, boot, 400))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    /// What a clean close proves.
    @Nested
    class Closing {

        @Test
        void afterACleanCloseAMissingRecordIsDamage() throws IOException {
            Store store = open();
            append(store, records -> put(records, "a", "1"));
            store.closeCleanly();
            Path segment = DIRECTORY.resolve("00000000000000000001.log");
            byte[] bytes = disk.bytesOf(segment);
            disk.plant(segment, Arrays.copyOf(bytes, bytes.length - 1));
            Map<Path, byte[]> before = disk.contents();
            assertThatThrownBy(StoreTest.this::open).isInstanceOf(DamagedLogException.class);
            assertThat(disk.contents()).usingRecursiveComparison().isEqualTo(before);
        }

        @Test
        void aCleanCloseSyncsUnsyncedRecordsOfAnEarlierProcess() throws IOException {
            Store store = StoreOnDisk.open(disk, Durability.NONE, "boot-1");
            append(store, records -> put(records, "a", "1"));
            disk.kill();
            StoreOnDisk.open(disk, Durability.NONE, "boot-1").closeCleanly();
            disk.powerFailure();
            Store again = StoreOnDisk.open(disk, Durability.NONE, "boot-2");
            again.commit(again.end());
            assertThat(contents(again)).isEqualTo(Map.of("a", "1"));
        }

        @Test
        void closingIsIdempotent() throws IOException {
            Store store = open();
            store.closeCleanly();
            Store next = open();
            append(next, records -> put(records, "a", "1"));
            store.closeCleanly();
            store.close();
            assertThatThrownBy(StoreTest.this::open).isInstanceOf(DirectoryInUseException.class);
            disk.kill();
            assertThat(open().end()).isEqualTo(1);
        }

        @Test
        void aCleanCloseReleasesReservedSpace() throws IOException {
            Store store = Store.open(disk, DIRECTORY, StoreOnDisk.options(Durability.SYNC, "", 4_000, 1_000));
            append(store, records -> put(records, "a", "1"));
            Path segment = DIRECTORY.resolve("00000000000000000001.log");
            assertThat(disk.bytesOf(segment)).hasSize(1_032);
            store.closeCleanly();
            disk.powerFailure();
            assertThat(disk.bytesOf(segment)).hasSize(66);
        }

        @Test
        void aFullDiskRefusesTheWriteAndResumesWhenThereIsRoom() throws IOException {
            Store store = open();
            append(store, records -> put(records, "a", "1"));
            disk.setFreeBytes(5);
            assertThatThrownBy(() -> append(store, records -> put(records, "b", "2")))
                    .isInstanceOf(DiskFullException.class);
            assertThat(store.end()).isEqualTo(1);
            disk.setFreeBytes(1 << 20);
            append(store, records -> put(records, "c", "3"));
            store.commit(2);
            assertThat(contents(store)).isEqualTo(Map.of("a", "1", "c", "3"));
        }

        @Test
        void aFailedSyncInvalidatesTheCleanClose() throws IOException {
            Store store = open();
            append(store, records -> put(records, "a", "1"));
            disk.fail(Kind.SYNC, 1);
            Sync sync = store.beginSync();
            assertThatThrownBy(sync::run).isInstanceOf(IOException.class);
            store.fence(new IOException("Input/output error"));
            assertThatThrownBy(store::closeCleanly).hasMessageContaining("refuses writes");
            assertThat(text(disk.bytesOf(COPY))).doesNotContain("clean-end");
            open().close();
        }
    }

    /// When a copy keeps its identity, and when it takes a new one.
    @Nested
    class Identity {

        @Test
        void aFreshStoreIsEmptyAndItsIdentityIsDurable() throws IOException {
            Store store = open();
            assertThat(store.end()).isZero();
            assertThat(store.size()).isZero();
            assertThat(store.formerIds()).isEmpty();
            UUID id = store.id();
            disk.powerFailure();
            assertThat(open().id()).isEqualTo(id);
        }

        @Test
        void aCopyThatLostItsProofTakesANewIdentityAndRemembersTheFormer() throws IOException {
            Store store = StoreOnDisk.open(disk, Durability.INTERVAL, "boot-1");
            UUID id = store.id();
            append(store, records -> put(records, "a", "1"));
            disk.powerFailure();
            Store reopened = StoreOnDisk.open(disk, Durability.INTERVAL, "boot-2");
            assertThat(reopened.id()).isNotEqualTo(id);
            assertThat(reopened.formerIds()).contains(id);
            assertThat(reopened.end()).isZero();
        }

        @Test
        void aCopyThatLostItsProofTwiceRemembersBothIdentities() throws IOException {
            UUID first = StoreOnDisk.open(disk, Durability.INTERVAL, "boot-1").id();
            disk.powerFailure();
            UUID second = StoreOnDisk.open(disk, Durability.INTERVAL, "boot-2").id();
            disk.powerFailure();
            Store third = StoreOnDisk.open(disk, Durability.INTERVAL, "boot-3");
            assertThat(third.formerIds()).containsExactly(first, second);
        }

        @Test
        void aFailedSyncCostsTheIdentityEvenInTheSameBootUnlessEverySyncIsAwaited() throws IOException {
            for (Durability durability : Durability.values()) {
                FaultyDisk failing = new FaultyDisk(1);
                Store store = StoreOnDisk.open(failing, durability, "boot-1");
                UUID id = store.id();
                append(store, records -> put(records, "a", "1"));
                store.fence(new IOException("a sync failed"));
                failing.kill();
                boolean same =
                        StoreOnDisk.open(failing, durability, "boot-1").id().equals(id);
                assertThat(same).as(durability.toString()).isEqualTo(durability == Durability.SYNC);
            }
        }

        @Test
        void aProcessKillInTheSameBootCostsNoIdentityWhateverTheDurability() throws IOException {
            UUID id = StoreOnDisk.open(disk, Durability.NONE, "boot-1").id();
            disk.kill();
            assertThat(StoreOnDisk.open(disk, Durability.NONE, "boot-1").id()).isEqualTo(id);
        }

        @Test
        void aCopyOfAnUnknownBootIsNotTakenForTheSameOne() throws IOException {
            UUID id = StoreOnDisk.open(disk, Durability.NONE, "").id();
            disk.kill();
            assertThat(StoreOnDisk.open(disk, Durability.NONE, "").id()).isNotEqualTo(id);
        }

        @Test
        void aFailedOpeningOfAnUnprovenCopyDoesNotChangeItsCopyFile() throws IOException {
            Store store = StoreOnDisk.open(disk, Durability.INTERVAL, "boot-1");
            append(store, records -> put(records, "a", "1"));
            append(store, records -> records.mark(1, 1));
            disk.kill();
            Path segment = DIRECTORY.resolve("00000000000000000001.log");
            byte[] bytes = disk.bytesOf(segment);
            bytes[40] ^= 1;
            disk.plant(segment, bytes);
            byte[] copy = disk.bytesOf(COPY);
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatThrownBy(() -> StoreOnDisk.open(disk, Durability.INTERVAL, "boot-2"))
                        .isInstanceOf(DamagedLogException.class);
                assertThat(disk.bytesOf(COPY)).isEqualTo(copy);
            }
        }
    }

    private Store open() throws IOException {
        return StoreOnDisk.open(disk, Durability.SYNC, "boot-1");
    }

    private void append(Store store, Consumer<BatchEncoder> records) throws IOException {
        encoder.start(1, store.end() + 1);
        records.accept(encoder);
        store.append(encoder.group());
    }

    private static void put(BatchEncoder records, String key, String value) {
        records.put(bytes(key), bytes(value), 0);
        records.endBatch();
    }
}
