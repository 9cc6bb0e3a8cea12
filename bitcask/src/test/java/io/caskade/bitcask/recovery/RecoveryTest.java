package io.caskade.bitcask.recovery;

import static io.caskade.bitcask.log.LogOnDisk.DIRECTORY;
import static io.caskade.bitcask.log.LogOnDisk.PARTITION;
import static io.caskade.bitcask.log.LogOnDisk.bytes;
import static io.caskade.bitcask.log.LogOnDisk.segment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.disk.FaultyDisk.Kind;
import io.caskade.bitcask.hint.Hint;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.log.Log;
import io.caskade.bitcask.log.LogMerge;
import io.caskade.bitcask.log.LogOnDisk;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.segment.MergedHeader;
import io.caskade.bitcask.segment.SealedSegment;
import io.caskade.bitcask.segment.SegmentFormat;
import io.caskade.bitcask.segment.SegmentName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;

/// Each row of the table in [Recovery], by name.
final class RecoveryTest {

    private static final int SEGMENT = 110;

    private final FaultyDisk disk = new FaultyDisk(1);

    // WHOLE

    @Test
    void wholeAnEmptyDirectoryIsAnEmptyLog() throws IOException {
        assertThat(LogOnDisk.open(disk).log.end()).isZero();
    }

    @Test
    void wholeAllRecordsOfAllSegmentsAreKept() throws IOException {
        LogOnDisk written = writeSegments(5);
        LogOnDisk read = reopen(0);
        assertThat(read.texts()).isEqualTo(written.texts()).hasSize(5);
        assertThat(read.readRecords).isEqualTo(written.readRecords);
    }

    @Test
    void wholeASegmentWithoutRecordsIsKeptAndFilled() throws IOException {
        writeSegments(2);
        disk.plant(segment(3), header(3, 2));
        LogOnDisk read = reopen(0);
        assertThat(read.keys()).containsExactly("k1", "k2");
        read.put("k3", "v");
        assertThat(disk.contents()).containsOnlyKeys(segment(1), segment(2), segment(3));
        assertThat(reopen(0).keys()).containsExactly("k1", "k2", "k3");
    }

    @Test
    void wholeFilesThatAreNoSegmentsAreLeftAlone() throws IOException {
        writeSegments(2);
        disk.plant(DIRECTORY.resolve("notes.txt"), bytes("hello"));
        disk.plant(DIRECTORY.resolve("99999999999999999999.log"), bytes("no sequence is so great"));
        assertThat(reopen(0).keys()).containsExactly("k1", "k2");
        assertThat(disk.exists(DIRECTORY.resolve("notes.txt"))).isTrue();
    }

    // TORN_TAIL

    @Test
    void tornTailARecordsHeaderCutShortIsCutAway() throws IOException {
        writeOneSegment(3);
        byte[] file = disk.bytesOf(segment(1));
        plantAndExpectCut(Arrays.copyOf(file, recordEnd(2) + 10), 2);
    }

    @Test
    void tornTailARecordsBodyCutShortIsCutAway() throws IOException {
        writeOneSegment(3);
        byte[] file = disk.bytesOf(segment(1));
        plantAndExpectCut(Arrays.copyOf(file, file.length - 1), 2);
    }

    @Test
    void tornTailZerosAreCutAway() throws IOException {
        writeOneSegment(3);
        byte[] file = disk.bytesOf(segment(1));
        plantAndExpectCut(Arrays.copyOf(file, file.length + 1_000), 3);
    }

    @Test
    void tornTailJunkIsCutAway() throws IOException {
        writeOneSegment(3);
        byte[] file = disk.bytesOf(segment(1));
        byte[] junk = new byte[700];
        new Random(3).nextBytes(junk);
        plantAndExpectCut(concat(file, junk), 3);
    }

    @Test
    void tornTailHalfABatchIsCutAwayWholeRecordsIncluded() throws IOException {
        LogOnDisk on = LogOnDisk.open(disk);
        on.put("before", "v");
        on.append(1, records -> {
            records.put(bytes("a"), bytes("1"), 0);
            records.put(bytes("b"), bytes("2"), 0);
            records.put(bytes("c"), bytes("3"), 0);
            records.endBatch();
        });
        byte[] file = disk.bytesOf(segment(1));
        disk.plant(segment(1), Arrays.copyOf(file, file.length - 34));
        assertThat(reopen(0).keys()).containsExactly("before");
    }

    @Test
    void tornTailASegmentLeftWithoutRecordsIsDropped() throws IOException {
        writeSegments(3);
        byte[] file = disk.bytesOf(segment(3));
        disk.plant(segment(3), Arrays.copyOf(file, file.length - 1));
        LogOnDisk read = reopen(0);
        assertThat(read.keys()).containsExactly("k1", "k2");
        assertThat(disk.contents()).containsOnlyKeys(segment(1), segment(2));
        read.put("again", "v");
        assertThat(read.log.read(read.readRecords.getLast().location()).getLong(RecordFormat.SEQUENCE))
                .isEqualTo(3);
        assertThat(reopen(0).keys()).containsExactly("k1", "k2", "again");
    }

    @Test
    void tornTailExactlyAtTheFloorIsCutAway() throws IOException {
        writeOneSegment(3);
        byte[] file = disk.bytesOf(segment(1));
        disk.plant(segment(1), Arrays.copyOf(file, file.length - 1));
        assertThat(reopen(2).keys()).containsExactly("k1", "k2");
    }

    @Test
    void tornTailWhatIsCutIsGoneForGoodBeforeAnythingIsWritten() throws IOException {
        for (int seed = 0; seed < 50; seed++) {
            FaultyDisk torn = new FaultyDisk(seed);
            LogOnDisk on = LogOnDisk.open(torn);
            for (int i = 1; i <= 5; i++) {
                on.put("k" + i, "v");
            }
            byte[] file = torn.bytesOf(segment(1));
            file[recordEnd(2) + RecordFormat.HEADER_BYTES] ^= 1;
            FaultyDisk damaged = FaultyDisk.holding(Map.of(segment(1), file));
            LogOnDisk cut = LogOnDisk.open(damaged);
            cut.put("n3", "v");
            damaged.powerFailure(new Random(seed));
            assertThat(LogOnDisk.open(damaged).keys())
                    .as("seed %d", seed)
                    .isIn(List.of("k1", "k2"), List.of("k1", "k2", "n3"));
        }
    }

    // PREALLOCATED

    @Test
    void reserveOfTheNewestSegmentIsCutAndTheLogGoesOnBehindItsLastRecord() throws IOException {
        LogOnDisk on = LogOnDisk.open(disk, 500, 400, 0);
        on.put("k1", "v");
        on.sync();
        assertThat(disk.bytesOf(segment(1))).hasSizeGreaterThan(400);
        disk.powerFailure();
        LogOnDisk read = LogOnDisk.open(disk, 500, 0, 0);
        assertThat(disk.bytesOf(segment(1))).hasSize(recordEnd(1));
        read.put("k2", "v");
        assertThat(reopen(0).keys()).containsExactly("k1", "k2");
    }

    @Test
    void reserveOfAnOlderSegmentIsCutAndAllIsKept() throws IOException {
        LogOnDisk written = writeSegments(4);
        byte[] file = disk.bytesOf(segment(2));
        disk.plant(segment(2), Arrays.copyOf(file, file.length + 300));
        LogOnDisk read = reopen(0);
        assertThat(read.texts()).isEqualTo(written.texts());
        assertThat(disk.bytesOf(segment(2))).isEqualTo(file);
        disk.powerFailure();
        assertThat(disk.bytesOf(segment(2))).as("the cut is synced").isEqualTo(file);
    }

    @Test
    void reserveBeforeASegmentWithATornHeaderIsCutToo() throws IOException {
        writeUnsyncedSegments(2);
        byte[] file = disk.bytesOf(segment(2));
        disk.plant(segment(2), Arrays.copyOf(file, file.length + 300));
        disk.plant(segment(3), new byte[500]);
        assertThat(reopen(0).keys()).containsExactly("k1", "k2");
        assertThat(disk.contents()).containsOnlyKeys(segment(1), segment(2));
        assertThat(disk.bytesOf(segment(2))).isEqualTo(file);
    }

    @Test
    void reserveOfAnOlderSegmentThatLacksRecordsIsATear() throws IOException {
        writeUnsyncedSegments(4);
        disk.plant(segment(2), Arrays.copyOf(header(2, 0), 300));
        assertThat(reopen(0).keys()).containsExactly("k1");
        assertThat(disk.contents()).containsOnlyKeys(segment(1));
    }

    @Test
    void reserveOfAnOlderSegmentThatLacksSyncedRecordsIsDamage() throws IOException {
        writeSegments(4);
        disk.plant(segment(2), Arrays.copyOf(header(2, 1), 300));
        expectRefusal(0, segment(2), SegmentFormat.HEADER_BYTES, 2);
    }

    @Test
    void reserveThatHoldsAnythingButZerosIsATear() throws IOException {
        writeUnsyncedSegments(4);
        byte[] file = disk.bytesOf(segment(2));
        byte[] longer = Arrays.copyOf(file, file.length + 300);
        longer[file.length + 299] = 1;
        disk.plant(segment(2), longer);
        assertThat(reopen(0).keys()).containsExactly("k1", "k2");
        assertThat(disk.contents()).containsOnlyKeys(segment(1), segment(2));
    }

    @Test
    void reserveOfARefusedLogIsLeftAsItIs() throws IOException {
        writeSegments(4);
        byte[] file = disk.bytesOf(segment(1));
        disk.plant(segment(1), Arrays.copyOf(file, file.length + 300));
        disk.plant(segment(3), header(3, 2));
        expectRefusal(0, segment(4), 0, 3);
    }

    @Test
    void reservesCutByAPowerFailureAtAnyMomentLoseNothingThatWasSynced() throws IOException {
        for (int operation = 0; operation < 40; operation++) {
            for (int seed = 0; seed < 20; seed++) {
                FaultyDisk failing = new FaultyDisk(seed);
                LogOnDisk on = LogOnDisk.open(failing, 160, 120, 0);
                failing.stopAt(operation);
                int synced = 0;
                try {
                    for (int i = 1; i <= 8; i++) {
                        on.put("k" + i, "v".repeat(20));
                        on.sync();
                        synced = i;
                    }
                } catch (IOException e) {
                    assertThat(failing.isStopped()).isTrue();
                }
                failing.powerFailure(new Random(seed));
                assertThat(LogOnDisk.open(failing, 160, 120, 0).keys())
                        .as("operation %d, seed %d", operation, seed)
                        .hasSizeGreaterThanOrEqualTo(synced);
            }
        }
    }

    // TORN_MIDDLE

    @Test
    void tornMiddleIsCutThereAndTheNewerSegmentsAreDropped() throws IOException {
        writeUnsyncedSegments(5);
        byte[] file = disk.bytesOf(segment(3));
        disk.plant(segment(3), Arrays.copyOf(file, file.length - 1));
        LogOnDisk read = reopen(0);
        assertThat(read.keys()).containsExactly("k1", "k2");
        assertThat(disk.contents()).containsOnlyKeys(segment(1), segment(2));
        read.put("new", "v");
        assertThat(reopen(0).keys()).containsExactly("k1", "k2", "new");
    }

    @Test
    void tornMiddleInterruptedByAPowerFailureIsCutTheSameWayAgain() throws IOException {
        for (int operation = 0; operation < 14; operation++) {
            for (int seed = 0; seed < 30; seed++) {
                FaultyDisk torn = new FaultyDisk(seed);
                LogOnDisk on = LogOnDisk.open(torn, 160, 0);
                for (int i = 1; i <= 8; i++) {
                    on.put("k" + i, "v".repeat(20));
                }
                byte[] file = torn.bytesOf(segment(3));
                torn.plant(segment(3), Arrays.copyOf(file, file.length - 1));
                FaultyDisk damaged = FaultyDisk.holding(torn.contents());
                damaged.stopAt(operation);
                openOrStop(damaged, 160);
                damaged.powerFailure(new Random(seed));
                assertThat(LogOnDisk.open(damaged, 160, 0).keys())
                        .as("operation %d, seed %d", operation, seed)
                        .containsExactly("k1", "k2", "k3");
            }
        }
    }

    private static void openOrStop(FaultyDisk disk, long segmentBytes) throws IOException {
        try {
            LogOnDisk.open(disk, segmentBytes, 0);
        } catch (IOException e) {
            if (!disk.isStopped()) {
                throw e;
            }
        }
    }

    // TORN_HEADER

    @Test
    void tornHeaderAnEmptyFileIsDropped() throws IOException {
        writeSegments(2);
        disk.plant(segment(3), new byte[0]);
        assertThat(reopen(0).keys()).containsExactly("k1", "k2");
        assertThat(disk.exists(segment(3))).isFalse();
    }

    @Test
    void tornHeaderOfZerosIsDropped() throws IOException {
        writeSegments(2);
        disk.plant(segment(3), new byte[500]);
        assertThat(reopen(0).keys()).containsExactly("k1", "k2");
        assertThat(disk.exists(segment(3))).isFalse();
    }

    @Test
    void tornHeaderCutShortIsDroppedWithAllThatIsNewer() throws IOException {
        writeUnsyncedSegments(4);
        disk.plant(segment(3), Arrays.copyOf(header(3, 2), 20));
        assertThat(reopen(0).keys()).containsExactly("k1", "k2");
        assertThat(disk.contents()).containsOnlyKeys(segment(1), segment(2));
    }

    // GAP

    @Test
    void gapThatASyncNeverCoveredIsDropped() throws IOException {
        writeUnsyncedSegments(5);
        disk.delete(segment(3));
        assertThat(reopen(0).keys()).containsExactly("k1", "k2");
        assertThat(disk.contents()).containsOnlyKeys(segment(1), segment(2));
    }

    @Test
    void gapBehindASegmentThatLostItsEndAtABatchsBorderIsDropped() throws IOException {
        LogOnDisk on = LogOnDisk.open(disk, 160, 0);
        for (int i = 1; i <= 5; i++) {
            on.put("k" + i, "v".repeat(20));
        }
        byte[] file = disk.bytesOf(segment(1));
        disk.plant(segment(1), Arrays.copyOf(file, (file.length + SegmentFormat.HEADER_BYTES) / 2));
        assertThat(LogOnDisk.open(FaultyDisk.holding(disk.contents()), 160, 0).keys())
                .containsExactly("k1");
    }

    @Test
    void gapWhereRecordsHadBeenSyncedIsDamage() throws IOException {
        writeSegments(4);
        disk.delete(segment(2));
        expectRefusal(0, segment(3), 0, 2).withMessageContaining("begins with record 3 instead");
    }

    @Test
    void gapAtTheBeginningIsDamage() throws IOException {
        writeSegments(3);
        disk.delete(segment(1));
        expectRefusal(0, segment(2), 0, 1);
    }

    // DAMAGE

    @Test
    void damageATornTailBelowThePersistedFloorIsRefused() throws IOException {
        writeOneSegment(3);
        byte[] file = disk.bytesOf(segment(1));
        disk.plant(segment(1), Arrays.copyOf(file, file.length - 1));
        expectRefusal(3, segment(1), recordEnd(2), 3).withMessageContaining("records up to 3 were committed");
    }

    /// Schedule 12.
    @Test
    void damageAFlippedBitBelowALaterMarksHighWatermarkIsRefused() throws IOException {
        LogOnDisk on = LogOnDisk.open(disk);
        for (int i = 1; i <= 12; i++) {
            on.put("k" + i, "v");
        }
        on.mark(11);
        byte[] file = disk.bytesOf(segment(1));
        file[recordEnd(9) + RecordFormat.HEADER_BYTES] ^= 1;
        disk.plant(segment(1), file);
        expectRefusal(0, segment(1), recordEnd(9), 10).withMessageContaining("records up to 11 were committed");
    }

    @Test
    void damageIsSeenByAMarkInANewerSegment() throws IOException {
        writeUnsyncedSegments(3);
        LogOnDisk on = LogOnDisk.open(disk, SEGMENT, 0);
        on.mark(2);
        byte[] file = FaultyDisk.holding(disk.contents()).bytesOf(segment(2));
        disk.plant(segment(2), Arrays.copyOf(file, file.length - 1));
        expectRefusal(0, segment(2), SegmentFormat.HEADER_BYTES, 2);
    }

    @Test
    void damageInASegmentThatANewerHeaderSaysWasSyncedIsRefused() throws IOException {
        writeSegments(3);
        byte[] file = disk.bytesOf(segment(1));
        disk.plant(segment(1), Arrays.copyOf(file, file.length - 1));
        expectRefusal(0, segment(1), SegmentFormat.HEADER_BYTES, 1);
    }

    @Test
    void damageWholeRecordsBehindATornHeaderAreRefused() throws IOException {
        writeUnsyncedSegments(3);
        byte[] file = disk.bytesOf(segment(2));
        file[20] ^= 1;
        disk.plant(segment(2), file);
        expectRefusal(0, segment(2), 0, 2).withMessageContaining("whole records follow it");
    }

    @Test
    void damageATornHeaderBelowTheFloorIsRefused() throws IOException {
        writeSegments(2);
        disk.plant(segment(3), new byte[500]);
        expectRefusal(3, segment(3), 0, 3);
    }

    @Test
    void aValueThatHoldsAnotherLogIsNotTakenForItsMarks() throws IOException {
        LogOnDisk other = LogOnDisk.open(new FaultyDisk(2));
        for (int i = 1; i <= 90; i++) {
            other.put("k" + i, "v");
        }
        other.mark(90);
        byte[] mark = bytes(other.log.read(other.readRecords.getLast().location()));
        LogOnDisk on = LogOnDisk.open(disk);
        on.put("a", "1");
        on.append(1, records -> {
            records.put(bytes("torn"), mark, 0);
            records.endBatch();
        });
        byte[] file = disk.bytesOf(segment(1));
        file[SegmentFormat.HEADER_BYTES + RecordFormat.HEADER_BYTES + "a1".length()] ^= 1;
        disk.plant(segment(1), file);
        assertThat(reopen(0).keys()).containsExactly("a");
    }

    // SHORT

    @Test
    void shortAWholeLogThatEndsBeforeTheFloorIsRefused() throws IOException {
        writeOneSegment(3);
        int end = disk.bytesOf(segment(1)).length;
        expectRefusal(4, segment(1), end, 4).withMessageContaining("records up to 4 were committed");
    }

    @Test
    void shortALogThatIsGoneIsRefused() throws IOException {
        disk.createDirectories(DIRECTORY);
        expectRefusal(1, DIRECTORY, 0, 1);
    }

    // OVERLAP

    @Test
    void overlapASegmentThatBeginsAgainIsRefused() throws IOException {
        writeOneSegment(3);
        disk.plant(segment(2), header(2, 1));
        expectRefusal(0, segment(2), 0, 4).withMessageContaining("begins with record 2 again");
    }

    // FOREIGN

    @Test
    void foreignAnotherPartitionIsRefused() throws IOException {
        writeSegments(1);
        disk.plant(segment(2), bytes(SegmentFormat.header(PARTITION + 1, 2, 1)));
        expectRefusal(0, segment(2), 0, 2).withMessageContaining("another partition or base sequence");
    }

    @Test
    void foreignAnotherBaseSequenceThanTheNameIsRefused() throws IOException {
        writeSegments(1);
        disk.plant(segment(2), header(3, 2));
        expectRefusal(0, segment(2), 0, 2).withMessageContaining("another partition or base sequence");
    }

    @Test
    void foreignAnotherFormatVersionIsRefused() throws IOException {
        writeSegments(1);
        disk.plant(segment(2), headerOfVersion(2));

        assertThatThrownBy(() -> LogOnDisk.open(disk, SEGMENT, 0))
                .as("no damage, which would let a node set the copy aside")
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(DamagedLogException.class)
                .hasMessageContaining("another format version");
    }

    private static byte[] headerOfVersion(int version) {
        ByteBuffer header = SegmentFormat.header(PARTITION, 2, 1);
        header.putInt(8, version);
        CRC32C crc = new CRC32C();
        crc.update(bytes(header), 0, 28);
        return bytes(header.putInt(28, (int) crc.getValue()));
    }

    // MERGED

    @Test
    void mergedASegmentStandsForTheSpanOfItsName() throws IOException {
        mergeFirst(3, LogMerge::deleteOld);
        LogOnDisk read = reopen(0);
        assertThat(read.keys()).containsExactly("k1", "k3", "k4", "k5");
        assertThat(read.log.end()).isEqualTo(5);
        read.put("k6", "v");
        assertThat(reopen(0).keys()).containsExactly("k1", "k3", "k4", "k5", "k6");
    }

    @Test
    void mergedASegmentThatIsNotWholeIsRefused() throws IOException {
        mergeFirst(3, LogMerge::deleteOld);
        byte[] whole = disk.bytesOf(MERGED);
        for (int length : new int[] {0, 10, MergedHeader.bytes(1), whole.length - 1}) {
            disk.plant(MERGED, Arrays.copyOf(whole, length));
            expectRefusal(0, MERGED, 0, 1);
        }
    }

    @Test
    void mergedASegmentThatIsMissingIsRefused() throws IOException {
        mergeFirst(3, LogMerge::deleteOld);
        disk.delete(MERGED);
        expectRefusal(0, segment(4), 0, 1);
    }

    @Test
    void mergedASegmentBehindATornOneIsRefused() throws IOException {
        writeSegments(3);
        LogOnDisk on = LogOnDisk.open(disk, SEGMENT, 0);
        merge(on, on.log.sealedSegments(2).subList(1, 2)).deleteOld();
        byte[] first = disk.bytesOf(segment(1));
        disk.plant(segment(1), Arrays.copyOf(first, first.length - 1));
        disk.kill();
        assertThatThrownBy(() -> LogOnDisk.open(disk, SEGMENT, 0))
                .isInstanceOf(DamagedLogException.class)
                .hasMessageContaining("records before the merged segment are missing");
    }

    // SUPERSEDED

    @Test
    void supersededSegmentsOfACrashedMergeAreDeleted() throws IOException {
        mergeFirst(3, merge -> {});
        assertThat(disk.contents()).containsKeys(segment(1), segment(2), segment(3), MERGED);
        assertThat(reopen(0).keys()).containsExactly("k1", "k3", "k4", "k5");
        assertThat(disk.contents()).containsOnlyKeys(MERGED, segment(4), segment(5));
    }

    @Test
    void supersededAMergedSegmentMakesWayForTheNextGeneration() throws IOException {
        mergeFirst(3, LogMerge::deleteOld);
        LogOnDisk on = LogOnDisk.open(disk, SEGMENT, 0);
        merge(on, on.log.sealedSegments(4).subList(0, 1));
        assertThat(reopen(0).keys()).containsExactly("k1", "k3", "k4", "k5");
        assertThat(disk.contents())
                .containsOnlyKeys(DIRECTORY.resolve(new SegmentName(1, 3, 2).fileName()), segment(4), segment(5));
    }

    @Test
    void supersededSegmentsStayWhenTheMergedOneIsRefused() throws IOException {
        mergeFirst(3, merge -> {});
        byte[] whole = disk.bytesOf(MERGED);
        disk.plant(MERGED, Arrays.copyOf(whole, whole.length - 1));
        expectRefusal(0, MERGED, 0, 1);
        assertThat(disk.contents()).containsKeys(segment(1), segment(2), segment(3));
    }

    private static final Path MERGED = DIRECTORY.resolve(new SegmentName(1, 3, 1).fileName());

    /// What a test does with a merge once it is in the log.
    private interface Ending {
        void of(LogMerge merge) throws IOException;
    }

    /// Writes five segments and merges the first of them, leaving `k2` out.
    private void mergeFirst(int segments, Ending ending) throws IOException {
        writeSegments(5);
        LogOnDisk on = LogOnDisk.open(disk, SEGMENT, 0);
        ending.of(merge(on, on.log.sealedSegments(4).subList(0, segments)));
        disk.kill();
    }

    private static LogMerge merge(LogOnDisk on, List<SealedSegment> run) throws IOException {
        LogMerge merge = on.log.beginMerge(run);
        merge.rewrite(
                (bytes, at, from, to) ->
                        RecordFormat.sequence(bytes, at) == 2 ? LogMerge.Decision.DROPPED : LogMerge.Decision.KEPT,
                bytes -> {});
        merge.publish(on.log.durableEnd());
        on.log.replaceSegments(merge);
        on.log.retireReplaced(merge);
        return merge;
    }

    // HINTED

    @Test
    void hintedASegmentIsNotRead() throws IOException {
        writeSegments(3);
        LogOnDisk on = LogOnDisk.open(disk, SEGMENT, 0);
        on.log.beginHint(1, HASHER).orElseThrow().run();
        disk.kill();
        List<String> seen = new ArrayList<>();
        Log log = Log.open(disk, DIRECTORY, OPTIONS, 0, HASHER, new Seen(seen));
        assertThat(seen).containsExactly("hint of 1 to 1", "record 2", "record 3");
        assertThat(log.end()).isEqualTo(3);
    }

    private static final LogOptions OPTIONS = new LogOptions(PARTITION, SEGMENT, Durability.SYNC);
    private static final KeyHasher HASHER = new KeyHasher(bytes("a secret that is 32 bytes long !"));

    /// Writes down what recovery shows.
    private record Seen(List<String> seen) implements RecoverySink {
        @Override
        public void accept(ByteBuffer bytes, int at, long location) {
            seen.add("record " + RecordFormat.sequence(bytes, at));
        }

        @Override
        public void accept(Hint hint, int segment) {
            seen.add("hint of " + hint.base() + " to " + hint.last());
        }
    }

    // What recovery makes durable, and what continues

    /// Schedule 15.
    @Test
    void recordsThatWereNeverSyncedAreSyncedBeforeTheyAreCalledDurable() throws IOException {
        LogOnDisk on = LogOnDisk.open(disk, 160, 0);
        for (int i = 1; i <= 5; i++) {
            on.put("k" + i, "v".repeat(20));
        }
        disk.kill();
        LogOnDisk read = LogOnDisk.open(disk, 160, 0);
        assertThat(read.log.durableEnd()).isEqualTo(5);
        disk.powerFailure();
        assertThat(LogOnDisk.open(disk, 160, 0).texts()).isEqualTo(on.texts());
    }

    /// Schedule 15, where a sync of the dead process had failed: the kernel has forgotten that the bytes are
    /// dirty.
    @Test
    void recordsThatAFailedSyncLostAreWrittenAgain() throws IOException {
        LogOnDisk on = LogOnDisk.open(disk, 160, 0);
        for (int i = 1; i <= 5; i++) {
            on.put("k" + i, "v".repeat(20));
        }
        disk.fail(Kind.SYNC, 2);
        Sync sync = on.log.beginSync();
        assertThatThrownBy(sync::run).hasMessageContaining("Input/output error");
        disk.kill();
        assertThat(LogOnDisk.open(disk, 160, 0).log.durableEnd()).isEqualTo(5);
        disk.powerFailure();
        assertThat(LogOnDisk.open(disk, 160, 0).texts()).isEqualTo(on.texts());
    }

    /// A follower outside the in-sync set holds MARKs that name records it has not synced.
    @Test
    void aMarkOfTheLeaderDoesNotMakeThisCopysTailDurable() throws IOException {
        LogOnDisk on = LogOnDisk.open(disk, 160, 0);
        for (int i = 1; i <= 5; i++) {
            on.put("k" + i, "v".repeat(20));
        }
        on.mark(5);
        disk.kill();
        LogOnDisk.open(disk, 160, 0);
        disk.powerFailure();
        assertThat(LogOnDisk.open(disk, 160, 0).texts()).isEqualTo(on.texts());
    }

    /// A process cuts its log and is killed before it has synced that; the next one goes on after the cut.
    @Test
    void aCutThatWasNotSyncedIsSyncedBeforeAnythingIsWrittenBehindIt() throws IOException {
        LogOnDisk on = LogOnDisk.open(disk);
        on.put("k1", "v");
        on.put("k2", "v");
        on.sync();
        disk.stopAt(1);
        assertThatThrownBy(() -> on.log.truncate(1)).isInstanceOf(IOException.class);
        disk.kill();
        LogOnDisk second = LogOnDisk.open(disk, SEGMENT, 1);
        second.put("larger", "v".repeat(100));
        second.sync();
        disk.powerFailure();
        assertThat(LogOnDisk.open(disk, SEGMENT, 1).keys()).containsExactly("k1", "larger");
    }

    @Test
    void whatAPersistedFloorSaysIsSyncedIsNotWrittenAgain() throws IOException {
        writeSegments(4);
        disk.kill();
        disk.record();
        reopen(4);
        assertThat(disk.operations()).noneMatch(operation -> operation.kind() == Kind.WRITE);
        reopen(2);
        assertThat(disk.operations())
                .filteredOn(operation -> operation.kind() == Kind.WRITE)
                .extracting(FaultyDisk.Operation::name)
                .containsExactly(segment(4).toString());
    }

    @Test
    void aDiskThatFailsToSyncTheTailIsNotOpened() throws IOException {
        writeUnsyncedSegments(2);
        disk.kill();
        disk.fail(Kind.SYNC, 1);
        assertThatThrownBy(() -> LogOnDisk.open(disk, SEGMENT, 0)).hasMessageContaining("Input/output error");
        assertThat(reopen(0).keys()).containsExactly("k1", "k2");
    }

    /// Schedule 13.
    @Test
    void staleBytesWithGoodChecksumsBehindTheTailDoNotComeBack() throws IOException {
        writeOneSegment(6);
        byte[] old = disk.bytesOf(segment(1));
        FaultyDisk other = new FaultyDisk(2);
        LogOnDisk on = LogOnDisk.open(other);
        on.append(2, records -> {
            for (int i = 1; i <= 3; i++) {
                records.put(bytes("n" + i), bytes("v"), 0);
                records.endBatch();
            }
        });
        byte[] fresh = other.bytesOf(segment(1));
        byte[] both = concat(fresh, Arrays.copyOfRange(old, fresh.length, old.length));
        LogOnDisk read = LogOnDisk.open(FaultyDisk.holding(Map.of(segment(1), both)));
        assertThat(read.keys()).containsExactly("n1", "n2", "n3");
        read.put("n4", "v");
        read.disk.kill();
        assertThat(LogOnDisk.open(read.disk).keys()).containsExactly("n1", "n2", "n3", "n4");
    }

    @Test
    void aRecordOfASmallerEpochDoesNotContinueTheLog() throws IOException {
        byte[] old = group(1, 3);
        byte[] fresh = group(2, 2);
        byte[] file = concat(header(1, 0), concat(fresh, Arrays.copyOfRange(old, fresh.length, old.length)));
        assertThat(LogOnDisk.open(FaultyDisk.holding(Map.of(segment(1), file))).texts())
                .containsExactly("1@2 PUT k1=v", "2@2 PUT k2=v");
    }

    @Test
    void aRecordThatSkipsASequenceDoesNotContinueTheLog() throws IOException {
        byte[] records = group(1, 3);
        int one = records.length / 3;
        byte[] skipping = concat(Arrays.copyOf(records, one), Arrays.copyOfRange(records, 2 * one, 3 * one));
        assertThat(LogOnDisk.open(FaultyDisk.holding(Map.of(segment(1), concat(header(1, 0), skipping))))
                        .keys())
                .containsExactly("k1");
    }

    @Test
    void batchesLargerThanTheScannersWindowAreRead() throws IOException {
        LogOnDisk on = LogOnDisk.open(disk, 8 << 20, 0);
        on.put("small", "v");
        String large = "x".repeat(900_000);
        on.append(1, records -> {
            for (int i = 0; i < 5; i++) {
                records.put(bytes("k" + i), bytes(large + i), 0);
            }
            records.endBatch();
        });
        on.put("after", "v");
        String larger = "y".repeat(3 << 20);
        on.put("larger", larger);
        on.put("last", "v");
        disk.kill();
        assertThat(LogOnDisk.open(disk, 8 << 20, 0).readRecords).isEqualTo(on.readRecords);
    }

    private LogOnDisk writeOneSegment(int records) throws IOException {
        LogOnDisk on = LogOnDisk.open(disk);
        for (int i = 1; i <= records; i++) {
            on.put("k" + i, "v");
        }
        on.sync();
        disk.kill();
        return on;
    }

    /// Segments of one record each, synced one by one.
    private LogOnDisk writeSegments(int records) throws IOException {
        LogOnDisk on = LogOnDisk.open(disk, SEGMENT, 0);
        for (int i = 1; i <= records; i++) {
            on.put("k" + i, "v".repeat(30));
            on.sync();
        }
        disk.kill();
        return on;
    }

    /// Segments of one record each, none of them synced.
    private void writeUnsyncedSegments(int records) throws IOException {
        LogOnDisk on = LogOnDisk.open(disk, SEGMENT, 0);
        for (int i = 1; i <= records; i++) {
            on.put("k" + i, "v".repeat(30));
        }
        disk.kill();
    }

    private LogOnDisk reopen(long recoveryPoint) throws IOException {
        disk.kill();
        return LogOnDisk.open(disk, SEGMENT, recoveryPoint);
    }

    private void plantAndExpectCut(byte[] file, int records) throws IOException {
        disk.plant(segment(1), file);
        LogOnDisk read = reopen(0);
        assertThat(read.log.end()).isEqualTo(records);
        assertThat(read.keys()).hasSize(records);
        assertThat(disk.bytesOf(segment(1))).isEqualTo(Arrays.copyOf(file, recordEnd(records)));
        read.put("next", "v");
        assertThat(reopen(0).keys()).hasSize(records + 1).last().isEqualTo("next");
    }

    /// Expects that the log is refused for what is at this place, where this record belongs, and that nothing
    /// changes.
    private ThrowableAssertAlternative<DamagedLogException> expectRefusal(
            long recoveryPoint, Path file, long offset, long sequence) throws IOException {
        FaultyDisk before = FaultyDisk.holding(disk.contents());
        before.createDirectories(DIRECTORY);
        long operations = before.operationCount() + 1;
        ThrowableAssertAlternative<DamagedLogException> refusal = Assertions.assertThatExceptionOfType(
                        DamagedLogException.class)
                .isThrownBy(() -> LogOnDisk.open(before, SEGMENT, recoveryPoint))
                .withMessageContaining(file.toString());
        refusal.satisfies(e -> {
            assertThat(e.file()).isEqualTo(file);
            assertThat(e.offset()).isEqualTo(offset);
            assertThat(e.sequence()).isEqualTo(sequence);
        });
        assertThat(before.operationCount()).as("nothing was changed").isEqualTo(operations);
        return refusal;
    }

    private static byte[] header(long base, long synced) {
        return bytes(SegmentFormat.header(PARTITION, base, synced));
    }

    /// Records `k1` to `kN`, each a batch.
    private static byte[] group(int epoch, int records) {
        BatchEncoder encoder = new BatchEncoder();
        encoder.start(epoch, 1);
        for (int i = 1; i <= records; i++) {
            encoder.put(bytes("k" + i), bytes("v"), 0);
            encoder.endBatch();
        }
        byte[] bytes = new byte[encoder.size()];
        encoder.group().get(bytes);
        return bytes;
    }

    /// Where record N of those that [#writeOneSegment] wrote ends.
    private static int recordEnd(int records) {
        int end = SegmentFormat.HEADER_BYTES;
        for (int i = 1; i <= records; i++) {
            end += RecordFormat.HEADER_BYTES + ("k" + i).length() + "v".length();
        }
        return end;
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
