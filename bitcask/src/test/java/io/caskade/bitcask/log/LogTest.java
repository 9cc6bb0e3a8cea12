package io.caskade.bitcask.log;

import static io.caskade.bitcask.log.LogOnDisk.DIRECTORY;
import static io.caskade.bitcask.log.LogOnDisk.bytes;
import static io.caskade.bitcask.log.LogOnDisk.segment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.DiskFullException;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.disk.FaultyDisk.Kind;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.record.EpochHistory;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordReader;
import io.caskade.bitcask.segment.Segment;
import io.caskade.bitcask.segment.SegmentFormat;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Appending, rolling, reading, syncing and truncating while nothing crashes, and what failing disks do to
/// it.
final class LogTest {

    private final FaultyDisk disk = new FaultyDisk(1);

    /// Where records go, and how they are read.
    @Nested
    class Segments {

        @Test
        void anEmptyLogEndsWithRecordZero() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            assertThat(on.log.end()).isZero();
            assertThat(on.log.durableEnd()).isZero();
            assertThat(disk.contents()).isEmpty();
        }

        @Test
        void recordsAreShownWithTheLocationTheyAreReadFrom() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            on.put("a", "1");
            on.put("b", "2".repeat(5_000));
            on.put("c", "");
            for (LogOnDisk.ReadRecord read : on.readRecords) {
                var record = on.log.read(read.location());
                assertThat(RecordFormat.sequence(record, 0)).isEqualTo(read.sequence());
                assertThat(RecordFormat.value(record, 0)).isEqualTo(bytes(read.value()));
            }
        }

        @Test
        void aSegmentIsSealedBeforeItExceedsItsSize() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 200, 0);
            for (int i = 0; i < 10; i++) {
                on.put("k" + i, "v".repeat(20));
            }
            assertThat(disk.contents().values())
                    .allSatisfy(file -> assertThat(file).hasSizeLessThanOrEqualTo(200));
            assertThat(disk.contents()).hasSize(4).containsKeys(segment(1), segment(4), segment(7), segment(10));
            assertThat(LogOnDisk.open(restarted(), 200, 0).texts()).isEqualTo(on.texts());
        }

        @Test
        void aGroupLargerThanASegmentGetsOneOfItsOwn() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 200, 0);
            on.put("a", "small");
            on.append(1, records -> {
                for (int i = 0; i < 50; i++) {
                    records.put(bytes("k" + i), bytes("v".repeat(40)), 0);
                }
                records.endBatch();
            });
            on.put("z", "small");
            assertThat(disk.contents()).containsOnlyKeys(segment(1), segment(2), segment(52));
            assertThat(LogOnDisk.open(restarted(), 200, 0).texts()).isEqualTo(on.texts());
        }

        @Test
        void aCorruptedRecordIsNotRead() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            on.put("a", "value");
            on.put("b", "v".repeat(3_000));
            on.sync();
            for (LogOnDisk.ReadRecord read : on.readRecords) {
                byte[] file = disk.bytesOf(segment(1));
                file[(int) Location.offset(read.location()) + RecordFormat.HEADER_BYTES + 2] ^= 4;
                FaultyDisk damaged = FaultyDisk.holding(disk.contents());
                damaged.plant(segment(1), file);
                try (var changed = damaged.open(segment(1))) {
                    long offset = Location.offset(read.location());
                    assertThatThrownBy(() ->
                                    new Segment(1, 1, changed, changed.size()).read(offset, null, RecordReader::copy))
                            .isInstanceOf(DamagedLogException.class)
                            .hasMessageContaining(segment(1).toString())
                            .hasMessageContaining("offset " + offset);
                }
            }
        }
    }

    /// However many segments there are, a sync looks only at those that were written to since the last one.
    @Test
    void aSyncLooksAtNoMoreSegmentsThanWereWrittenTo() throws IOException {
        LogOnDisk on = LogOnDisk.open(disk, 200, 0);
        for (int i = 1; i <= 500; i++) {
            on.put("k" + i, "v".repeat(100));
            assertThat(on.log.unsyncedCandidates()).isLessThanOrEqualTo(2);
            on.sync();
        }
        disk.powerFailure();
        LogOnDisk again = LogOnDisk.open(disk, 200, 0);
        assertThat(again.keys()).hasSize(500);
        again.put("k501", "v".repeat(100));
        again.sync();
        assertThat(again.log.unsyncedCandidates()).isLessThanOrEqualTo(2);
    }

    /// Space reserved ahead of the writes.
    @Nested
    class ReservedSpace {

        @Test
        void aSegmentReservesRoomInStepsUpToItsSize() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 500, 200, 0);
            on.put("k1", "v".repeat(20));
            assertThat(disk.bytesOf(segment(1))).hasSize(SegmentFormat.HEADER_BYTES + 200);
            for (int i = 2; i <= 4; i++) {
                on.put("k" + i, "v".repeat(20));
            }
            assertThat(disk.bytesOf(segment(1))).hasSize(SegmentFormat.HEADER_BYTES + 3 * 54 + 200);
            for (int i = 5; i <= 8; i++) {
                on.put("k" + i, "v".repeat(20));
            }
            assertThat(disk.bytesOf(segment(1))).hasSize(500);
            assertThat(on.keys()).hasSize(8);
        }

        @Test
        void aWriteWithinReservedSpaceDoesNotChangeTheLength() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 500, 400, 0);
            on.put("k1", "v");
            int size = disk.bytesOf(segment(1)).length;
            disk.setFreeBytes(0);
            on.put("k2", "v");
            on.sync();
            assertThat(disk.bytesOf(segment(1))).hasSize(size);
        }

        @Test
        void aSealedSegmentIsTruncatedToItsEnd() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 200, 150, 0);
            for (int i = 1; i <= 4; i++) {
                on.put("k" + i, "v".repeat(20));
            }
            assertThat(disk.bytesOf(segment(1))).hasSize(SegmentFormat.HEADER_BYTES + 3 * 54);
            on.sync();
            disk.powerFailure();
            assertThat(disk.bytesOf(segment(1))).hasSize(SegmentFormat.HEADER_BYTES + 3 * 54);
            assertThat(LogOnDisk.open(disk, 200, 150, 0).texts()).isEqualTo(on.texts());
        }

        @Test
        void reservedSpaceIsGivenBackOnDemand() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 500, 400, 0);
            on.put("k1", "v");
            on.log.trimPreallocation();
            assertThat(disk.bytesOf(segment(1))).hasSize(SegmentFormat.HEADER_BYTES + 35);
            on.put("k2", "v");
            assertThat(LogOnDisk.open(restarted(), 500, 400, 0).keys()).containsExactly("k1", "k2");
        }

        @Test
        void withoutRoomToReserveWritesContinueWhileTheyFit() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 500, 200, 0);
            disk.setFreeBytes(SegmentFormat.HEADER_BYTES + 80);
            on.put("k1", "v");
            on.put("k2", "v");
            assertThat(disk.bytesOf(segment(1))).hasSize(SegmentFormat.HEADER_BYTES + 70);
            assertThatThrownBy(() -> on.put("k3", "v")).isInstanceOf(DiskFullException.class);
            assertThat(LogOnDisk.open(restarted(), 500, 200, 0).keys()).containsExactly("k1", "k2");
        }

        @Test
        void aFailedReservationIsUndoneAndTriedAgain() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 500, 200, 0);
            on.put("k1", "v".repeat(100));
            disk.fail(Kind.RESERVE, 1);
            assertThatThrownBy(() -> on.put("lost", "v".repeat(60))).hasMessageContaining("Input/output error");
            assertThat(disk.bytesOf(segment(1))).hasSize(SegmentFormat.HEADER_BYTES + 134);
            on.put("k2", "v".repeat(60));
            assertThat(LogOnDisk.open(restarted(), 500, 200, 0).keys()).containsExactly("k1", "k2");
        }

        /// The second batch of what was lost would line up behind what is written next.
        @Test
        void aFailedWriteWithinReservedSpaceIsUndone() throws IOException {
            for (int seed = 0; seed < 100; seed++) {
                FaultyDisk failing = new FaultyDisk(seed);
                LogOnDisk on = LogOnDisk.open(failing, 500, 400, 0);
                on.put("k1", "v");
                failing.fail(Kind.WRITE, 1);
                assertThatThrownBy(() -> on.append(1, records -> {
                            records.put(bytes("l2"), bytes("v"), 0);
                            records.endBatch();
                            records.put(bytes("l3"), bytes("v"), 0);
                            records.endBatch();
                        }))
                        .hasMessageContaining("Input/output error");
                on.put("k2", "v");
                failing.kill();
                assertThat(LogOnDisk.open(failing, 500, 400, 0).keys()).containsExactly("k1", "k2");
            }
        }
    }

    /// What may be appended.
    @Nested
    class Appends {

        @Test
        void aRefusedAppendLeavesTheLogUnchanged() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            on.append(5, records -> records.mark(1, 0));
            BatchEncoder encoder = new BatchEncoder();
            encoder.start(5, 3);
            encoder.clear();
            assertThatThrownBy(() -> on.log.append(encoder.group(), (bytes, at, location) -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("record 3 of epoch 5 does not continue a log that ends with record 1");
            encoder.start(4, 2);
            encoder.clear();
            assertThatThrownBy(() -> on.log.append(encoder.group(), (bytes, at, location) -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("epoch 4");
            assertThat(on.log.end()).isEqualTo(1);
            on.put("a", "1");
            assertThat(LogOnDisk.open(restarted()).texts()).isEqualTo(on.texts());
        }

        @Test
        void anAppendInterruptedHalfwayFencesTheLog() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            on.put("a", "1");
            BatchEncoder encoder = new BatchEncoder();
            encoder.start(1, 2);
            encoder.clear();
            assertThatThrownBy(() -> on.log.append(encoder.group(), (bytes, at, location) -> {
                        throw new IllegalStateException("no memory");
                    }))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(on.log.isFenced()).isTrue();
            assertThatThrownBy(() -> on.put("b", "2")).hasMessageContaining("an append failed midway");
        }

        @Test
        void appendRefusesHalfABatch() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            BatchEncoder encoder = new BatchEncoder();
            encoder.start(1, 1);
            encoder.put(bytes("a"), bytes("1"), 0);
            encoder.put(bytes("b"), bytes("2"), 0);
            encoder.endBatch();
            var half = encoder.group();
            half.limit(half.limit() / 2);
            assertThatThrownBy(() -> on.log.append(half, (bytes, at, location) -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("not whole");
            assertThat(disk.contents()).isEmpty();
        }

        @Test
        void epochsAreRememberedWithTheirFirstRecord() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 100, 0);
            on.append(2, records -> records.mark(1, 0));
            on.put("a", "1");
            on.append(7, records -> records.mark(2, 0));
            on.put("b", "2");
            EpochHistory expected = EpochHistory.EMPTY.with(2, 1).with(7, 3);
            assertThat(on.log.epochs()).isEqualTo(expected);
            assertThat(LogOnDisk.open(restarted(), 100, 0).log.epochs()).isEqualTo(expected);
            assertThat(expected.upTo(2)).isEqualTo(EpochHistory.EMPTY.with(2, 1));
        }
    }

    /// What a sync makes durable.
    @Nested
    class Syncs {

        @Test
        void nothingIsDurableBeforeASyncHasEnded() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            on.put("a", "1");
            Sync sync = on.log.beginSync();
            sync.run();
            assertThat(on.log.durableEnd()).isZero();
            assertThat(on.log.endSync(sync)).isTrue();
            assertThat(on.log.durableEnd()).isEqualTo(1);
        }

        @Test
        void aSyncCoversExactlyTheRecordsBeforeIt() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            on.put("a", "1");
            Sync sync = on.log.beginSync();
            on.put("b", "2");
            sync.run();
            on.log.endSync(sync);
            assertThat(on.log.durableEnd()).isEqualTo(1);
        }

        @Test
        void syncedRecordsSurviveTheWorstPowerFailureOverSeveralSegments() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 100, 0);
            for (int i = 0; i < 6; i++) {
                on.put("k" + i, "value");
            }
            on.sync();
            disk.powerFailure();
            assertThat(LogOnDisk.open(disk, 100, 0).texts()).isEqualTo(on.texts());
        }

        @Test
        void aLaterSyncDoesNotRelyOnAnEarlierPendingOne() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 100, 0);
            on.put("a", "1");
            Sync early = on.log.beginSync();
            on.put("b", "2");
            on.put("c", "3");
            Sync late = on.log.beginSync();
            late.run();
            on.log.endSync(late);
            assertThat(on.log.durableEnd()).isEqualTo(3);
            disk.powerFailure();
            assertThat(LogOnDisk.open(disk, 100, 0).keys()).containsExactly("a", "b", "c");
            assertThatThrownBy(early::run).isInstanceOf(IOException.class);
        }

        @Test
        void syncsEndedOutOfOrderNeverMoveTheDurableEndBack() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            on.put("a", "1");
            Sync early = on.log.beginSync();
            on.put("b", "2");
            Sync late = on.log.beginSync();
            early.run();
            late.run();
            assertThat(on.log.endSync(late)).isTrue();
            assertThat(on.log.endSync(early)).isFalse();
            assertThat(on.log.durableEnd()).isEqualTo(2);
        }

        @Test
        void aSyncWithNothingToDoTouchesNoFile() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            on.put("a", "1");
            on.sync();
            long before = disk.operationCount();
            on.sync();
            assertThat(disk.operationCount()).isEqualTo(before);
        }

        /// Schedule 16.
        @Test
        void aSyncOfAnOlderGenerationCountsForNothing() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            on.put("a", "1");
            on.sync();
            on.put("b", "2");
            on.put("c", "3");
            Sync stale = on.log.beginSync();
            stale.run();
            on.log.truncate(1);
            on.append(2, records -> {
                records.put(bytes("x"), bytes("new"), 0);
                records.endBatch();
                records.put(bytes("y"), bytes("new"), 0);
                records.endBatch();
            });
            assertThat(on.log.endSync(stale)).isFalse();
            assertThat(on.log.durableEnd()).isEqualTo(1);
            disk.powerFailure();
            assertThat(LogOnDisk.open(disk).keys()).containsExactly("a");
        }

        @Test
        void afterAStaleSyncTheNextOneCoversEverythingAgain() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 100, 0);
            on.put("a", "1");
            on.put("b", "2");
            on.put("c", "3");
            Sync stale = on.log.beginSync();
            on.log.truncate(2);
            assertThat(on.log.endSync(stale)).isFalse();
            on.sync();
            assertThat(on.log.durableEnd()).isEqualTo(2);
            disk.powerFailure();
            assertThat(LogOnDisk.open(disk, 100, 0).keys()).containsExactly("a", "b");
        }

        @Test
        void aRunningSyncSurvivesATruncation() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 100, 0);
            on.put("a", "1");
            on.put("b", "2");
            Sync sync = on.log.beginSync();
            on.log.truncate(0);
            sync.run();
            assertThat(on.log.endSync(sync)).isFalse();
            assertThat(disk.contents()).isEmpty();
        }

        @Test
        void afterAFailedSyncNothingIsWrittenOrSyncedAgain() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            on.put("a", "1");
            on.sync();
            on.put("b", "2");
            disk.fail(Kind.SYNC, 1);
            Sync sync = on.log.beginSync();
            assertThatThrownBy(sync::run).hasMessageContaining("Input/output error");
            on.log.fence(new IOException("Input/output error"));
            assertFenced(on);
            assertThat(on.log.durableEnd()).isEqualTo(1);
            disk.powerFailure();
            assertThat(LogOnDisk.open(disk).keys()).containsExactly("a");
        }

        @Test
        void aSyncAskedForBeforeAnotherFailedDoesNotSucceedAfterIt() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            on.put("a", "1");
            Sync first = on.log.beginSync();
            Sync second = on.log.beginSync();
            disk.fail(Kind.SYNC, 1);
            assertThatThrownBy(first::run).hasMessageContaining("Input/output error");
            assertThatThrownBy(second::run).hasMessageContaining("an earlier sync failed");
        }

        @Test
        void aSyncOfADirectoryThatFailsFailsTheSync() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            on.put("a", "1");
            disk.fail(Kind.SYNC_DIRECTORY, 1);
            Sync sync = on.log.beginSync();
            assertThatThrownBy(sync::run).hasMessageContaining("Input/output error");
        }

        @Test
        void aSyncThatRanWhileTheLogWasFencedDoesNotCount() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            on.put("a", "1");
            Sync sync = on.log.beginSync();
            sync.run();
            on.log.fence(new IOException("the disk failed"));
            assertThat(on.log.endSync(sync)).isFalse();
            assertThat(on.log.durableEnd()).isZero();
        }
    }

    /// What a truncation leaves.
    @Nested
    class Truncation {

        @Test
        void truncateCutsWithinASegmentAndTheNextRecordStartsANewOne() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            for (int i = 1; i <= 5; i++) {
                on.put("k" + i, "v");
            }
            on.log.truncate(3);
            assertThat(on.log.end()).isEqualTo(3);
            on.put("new", "v");
            assertThat(disk.contents()).containsOnlyKeys(segment(1), segment(4));
            assertThat(LogOnDisk.open(restarted()).keys()).containsExactly("k1", "k2", "k3", "new");
        }

        @Test
        void truncateToZeroLeavesNoSegment() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 100, 0);
            on.put("a", "1");
            on.put("b", "2");
            on.sync();
            on.log.truncate(0);
            assertThat(disk.contents()).isEmpty();
            assertThat(on.log.durableEnd()).isZero();
            assertThat(on.log.epochs()).isEqualTo(EpochHistory.EMPTY);
            on.put("c", "3");
            assertThat(LogOnDisk.open(restarted(), 100, 0).keys()).containsExactly("c");
        }

        @Test
        void truncateAtASegmentBoundaryDropsTheNewerSegments() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 100, 0);
            for (int i = 1; i <= 4; i++) {
                on.put("k" + i, "v".repeat(30));
            }
            assertThat(disk.contents()).containsOnlyKeys(segment(1), segment(2), segment(3), segment(4));
            on.log.truncate(2);
            assertThat(disk.contents()).containsOnlyKeys(segment(1), segment(2));
            on.put("new", "v");
            assertThat(LogOnDisk.open(restarted(), 100, 0).keys()).containsExactly("k1", "k2", "new");
        }

        @Test
        void truncateToTheEndOnlyStartsANewGeneration() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            on.put("a", "1");
            on.sync();
            on.log.truncate(1);
            assertThat(on.log.truncations()).isEqualTo(1);
            assertThat(on.log.durableEnd()).isEqualTo(1);
            assertThat(LogOnDisk.open(restarted()).keys()).containsExactly("a");
        }

        @Test
        void truncateWithinABatchIsRefusedAndChangesNothing() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 100, 0);
            on.append(1, records -> {
                records.put(bytes("a"), bytes("1"), 0);
                records.put(bytes("b"), bytes("2"), 0);
                records.endBatch();
            });
            on.put("c", "3");
            on.put("d", "4");
            long before = disk.operationCount();
            assertThatThrownBy(() -> on.log.truncate(1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("does not end a batch");
            assertThatThrownBy(() -> on.log.truncate(5)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> on.log.truncate(-1)).isInstanceOf(IllegalArgumentException.class);
            assertThat(disk.operationCount()).isEqualTo(before);
            assertThat(on.log.truncations()).isZero();
            on.put("e", "5");
            assertThat(LogOnDisk.open(restarted(), 100, 0).keys()).containsExactly("a", "b", "c", "d", "e");
        }

        @Test
        void aFinishedTruncationSurvivesEveryPowerFailure() throws IOException {
            for (int seed = 0; seed < 100; seed++) {
                FaultyDisk other = new FaultyDisk(seed);
                LogOnDisk on = LogOnDisk.open(other, 150, 0);
                for (int i = 1; i <= 6; i++) {
                    on.put("k" + i, "v".repeat(20));
                }
                on.sync();
                on.log.truncate(3);
                other.powerFailure(new Random(seed));
                assertThat(LogOnDisk.open(other, 150, 0).keys())
                        .as("seed %d", seed)
                        .containsExactly("k1", "k2", "k3");
            }
        }

        @Test
        void aTruncationInterruptedByAPowerFailureKeepsAtLeastTheKeptPrefix() throws IOException {
            for (int operation = 0; operation < 12; operation++) {
                for (int seed = 0; seed < 40; seed++) {
                    String when = "operation " + operation + ", seed " + seed;
                    FaultyDisk other = new FaultyDisk(seed);
                    LogOnDisk on = LogOnDisk.open(other, 100, 0);
                    for (int i = 1; i <= 5; i++) {
                        on.put("k" + i, "v".repeat(30));
                        on.sync();
                    }
                    other.stopAt(operation);
                    truncateOrStop(on, 2);
                    other.powerFailure(new Random(seed));
                    LogOnDisk again = LogOnDisk.open(other, 100, 0);
                    assertThat(again.log.end()).as(when).isBetween(2L, 5L);
                    assertThat(again.texts()).as(when).isEqualTo(on.texts().subList(0, (int) again.log.end()));
                }
            }
        }

        @Test
        void aFailedTruncationFencesTheLog() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            on.put("a", "1");
            on.put("b", "2");
            disk.fail(Kind.TRUNCATE, 1);
            assertThatThrownBy(() -> on.log.truncate(1)).hasMessageContaining("Input/output error");
            assertFenced(on);
        }
    }

    /// Writes that the disk refuses.
    @Nested
    class FailedWrites {

        @Test
        void aFailedWriteIsUndoneAndTheNextTakesItsPlace() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            on.put("a", "1");
            disk.fail(Kind.WRITE, 1);
            assertThatThrownBy(() -> on.append(1, records -> {
                        for (int i = 0; i < 20; i++) {
                            records.put(bytes("lost" + i), bytes("x"), 0);
                            records.endBatch();
                        }
                    }))
                    .hasMessageContaining("Input/output error");
            assertThat(on.log.end()).isEqualTo(1);
            on.put("b", "2");
            assertThat(LogOnDisk.open(restarted()).keys()).containsExactly("a", "b");
        }

        @Test
        void aFailedWriteThatCannotBeUndoneFencesTheLog() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk);
            on.put("a", "1");
            disk.fail(Kind.WRITE, 1);
            disk.fail(Kind.TRUNCATE, 1);
            assertThatThrownBy(() -> on.put("b", "2")).hasMessageContaining("could not be undone");
            assertFenced(on);
            assertThat(LogOnDisk.open(restarted()).keys()).containsExactly("a");
        }

        @Test
        void aFailureToBeginASegmentLeavesTheLogWritable() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 100, 0);
            on.put("a", "v".repeat(30));
            disk.fail(Kind.CREATE, 1);
            assertThatThrownBy(() -> on.put("b", "v".repeat(30))).hasMessageContaining("Input/output error");
            disk.fail(Kind.WRITE, 1);
            assertThatThrownBy(() -> on.put("b", "v".repeat(30))).hasMessageContaining("Input/output error");
            on.put("c", "v".repeat(30));
            assertThat(LogOnDisk.open(restarted(), 100, 0).keys()).containsExactly("a", "c");
        }

        @Test
        void aSegmentThatFailedToBeginAndCannotBeRemovedFencesTheLog() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 100, 0);
            on.put("a", "v".repeat(30));
            disk.fail(Kind.WRITE, 1);
            disk.fail(Kind.DELETE, 1);
            assertThatThrownBy(() -> on.put("b", "v".repeat(30))).hasMessageContaining("Input/output error");
            assertFenced(on);
            assertThat(LogOnDisk.open(restarted(), 100, 0).keys()).containsExactly("a");
        }

        @Test
        void aFullDiskIsReportedAndWritingResumesWhenThereIsRoom() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 300, 0);
            on.put("a", "1");
            for (int room = 0; room < 40; room++) {
                disk.setFreeBytes(room);
                assertThatThrownBy(() -> on.put("lost", "x".repeat(100)))
                        .isInstanceOf(DiskFullException.class)
                        .hasMessageContaining("no space left");
            }
            disk.setFreeBytes(1 << 20);
            on.put("b", "2".repeat(250));
            on.put("c", "3");
            assertThat(LogOnDisk.open(restarted(), 300, 0).keys()).containsExactly("a", "b", "c");
        }

        @Test
        void aWriteThatDidNotFitDoesNotComeBackAfterAPowerFailure() throws IOException {
            for (int seed = 0; seed < 60; seed++) {
                FaultyDisk other = new FaultyDisk(seed);
                LogOnDisk on = LogOnDisk.open(other);
                on.put("a", "1");
                on.sync();
                other.setFreeBytes(1_500);
                assertThatThrownBy(() -> on.append(1, records -> {
                            for (int i = 0; i < 80; i++) {
                                records.put(bytes("lost" + i), bytes("x"), 0);
                                records.endBatch();
                            }
                        }))
                        .isInstanceOf(DiskFullException.class);
                other.powerFailure(new Random(seed));
                assertThat(LogOnDisk.open(other).keys()).as("seed %d", seed).containsExactly("a");
            }
        }

        @Test
        void aDiskFullAtTheStartOfASegmentLeavesNoTrace() throws IOException {
            LogOnDisk on = LogOnDisk.open(disk, 100, 0);
            on.put("a", "v".repeat(30));
            for (int room = 0; room < SegmentFormat.HEADER_BYTES; room++) {
                disk.setFreeBytes(room);
                assertThatThrownBy(() -> on.put("lost", "v".repeat(30))).isInstanceOf(DiskFullException.class);
                assertThat(disk.contents()).containsOnlyKeys(segment(1));
            }
            disk.setFreeBytes(1 << 20);
            on.put("b", "v".repeat(30));
            assertThat(LogOnDisk.open(restarted(), 100, 0).keys()).containsExactly("a", "b");
        }
    }

    private static void truncateOrStop(LogOnDisk on, long last) throws IOException {
        try {
            on.log.truncate(last);
        } catch (IOException e) {
            if (!on.disk.isStopped()) {
                throw e;
            }
        }
    }

    private void assertFenced(LogOnDisk on) throws IOException {
        long before = disk.operationCount();
        assertThat(on.log.isFenced()).isTrue();
        assertThatThrownBy(() -> on.put("x", "y")).hasMessageContaining("refuses writes");
        assertThatThrownBy(on.log::beginSync).hasMessageContaining("refuses writes");
        assertThatThrownBy(() -> on.log.truncate(0)).hasMessageContaining("refuses writes");
        assertThat(disk.operationCount()).as("a fenced log touches nothing").isEqualTo(before);
        assertThat(disk.list(DIRECTORY)).isNotEmpty();
    }

    /// The same disk for the next process.
    private FaultyDisk restarted() {
        disk.kill();
        return disk;
    }
}
