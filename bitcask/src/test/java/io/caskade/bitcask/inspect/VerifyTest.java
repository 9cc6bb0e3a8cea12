package io.caskade.bitcask.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.DirectoryInUseException;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.inspect.Finding.Severity;
import io.caskade.bitcask.log.RawRecords;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyTest {

    @Test
    void anIntactCopyHasNoFindings() throws IOException {
        CopyOnDisk copy = CopyOnDisk.whole();
        VerifyReport report = copy.verify();
        assertThat(report.findings()).isEmpty();
        assertThat(report.isDamaged()).isFalse();
        assertThat(report.opens()).isTrue();
        assertThat(report.opening()).isEqualTo("keeps all");
        assertThat(report.hints()).isEqualTo(report.segments() - 1).isGreaterThan(3);
        assertThat(report.missing()).isZero();
        assertThat(report.last()).isEqualTo(105);
    }

    @Test
    void aCopyFedFromAMergedLogHasNoFindings() throws IOException {
        CopyOnDisk streamed = new CopyOnDisk();
        try (Store leader = CopyOnDisk.whole().open();
                Store follower = streamed.open()) {
            while (follower.end() < leader.end()) {
                RawRecords batches =
                        leader.beginRead(follower.end(), 200, leader.end()).run();
                follower.appendReplicated(batches.content(), batches.from(), batches.to(), leader.epochs());
            }
            Sync sync = follower.beginSync();
            sync.run();
            follower.endSync(sync);
            follower.commit(follower.end());
            streamed.writeHints(follower);
            follower.closeCleanly();
        }
        VerifyReport report = streamed.verify();
        assertThat(report.findings()).isEmpty();
        assertThat(report.opens()).isTrue();
        assertThat(report.missing()).isZero();
        assertThat(report.last()).isEqualTo(105);
    }

    @Test
    void nothingOnTheDiskIsChanged() throws IOException {
        CopyOnDisk copy = CopyOnDisk.whole();
        copy.flipIn("later5");
        Map<Path, byte[]> before = copy.disk.contents();
        long operations = copy.disk.operationCount();
        copy.verify();
        assertThat(copy.disk.operationCount()).isEqualTo(operations);
        assertThat(copy.disk.contents().keySet()).isEqualTo(before.keySet());
        copy.disk.contents().forEach((file, bytes) -> assertThat(bytes).isEqualTo(before.get(file)));
    }

    /// All of it was synced and closed cleanly, so every bit counts.
    @Test
    void aFlippedBitAnywhereIsDamageInItsFile() throws IOException {
        CopyOnDisk copy = CopyOnDisk.whole();
        int flips = 0;
        for (Map.Entry<Path, byte[]> file : copy.disk.contents().entrySet()) {
            for (int offset = 0; offset < file.getValue().length; offset += 3) {
                copy.flip(file.getKey(), offset);
                VerifyReport report = copy.verify();
                assertThat(report.isDamaged())
                        .as("%s at %s", file.getKey(), offset)
                        .isTrue();
                assertThat(report.findings())
                        .as("%s at %s", file.getKey(), offset)
                        .anyMatch(finding -> finding.severity() == Severity.DAMAGE
                                && finding.file().equals(file.getKey()));
                copy.disk.plant(file.getKey(), file.getValue());
                flips++;
            }
        }
        assertThat(flips).isGreaterThan(1000);
        assertThat(copy.verify().isDamaged()).isFalse();
    }

    @Test
    void everyTruncatedOrMissingFileIsDamage() throws IOException {
        CopyOnDisk copy = CopyOnDisk.whole();
        for (Map.Entry<Path, byte[]> file : copy.disk.contents().entrySet()) {
            for (int length = 0; length < file.getValue().length; length += 7) {
                copy.disk.plant(file.getKey(), Arrays.copyOf(file.getValue(), length));
                assertThat(copy.verify().isDamaged())
                        .as("%s of %s bytes", file.getKey(), length)
                        .isTrue();
            }
            if (file.getKey().toString().endsWith(".log")) {
                copy.disk.delete(file.getKey());
                assertThat(copy.verify().isDamaged())
                        .as("%s gone", file.getKey())
                        .isTrue();
            }
            copy.disk.plant(file.getKey(), file.getValue());
        }
    }

    @Test
    void damageIsReportedWithFileOffsetAndSequence() throws IOException {
        CopyOnDisk copy = CopyOnDisk.plain(20);
        Path segment = copy.flipIn("value9");
        VerifyReport report = copy.verify();
        assertThat(report.findings()).hasSize(1);
        Finding finding = report.findings().getFirst();
        assertThat(finding.severity()).isEqualTo(Severity.DAMAGE);
        assertThat(finding.file()).isEqualTo(segment);
        assertThat(finding.sequence()).isEqualTo(20);
        byte[] bytes = copy.disk.bytesOf(segment);
        assertThat(bytes[(int) finding.offset() + 16])
                .as("the record's own sequence")
                .isEqualTo((byte) 20);
        assertThat(report.missing()).isEqualTo(1);
        assertThat(report.last()).isEqualTo(40);
        assertThat(report.records()).isEqualTo(39);
        assertThat(report.opens()).isFalse();
    }

    @Test
    void anIncompleteBatchIsMissingAsAWhole() throws IOException {
        CopyOnDisk copy = new CopyOnDisk();
        try (Store store = copy.open()) {
            copy.group(store, records -> {
                records.put(CopyOnDisk.bytes("one"), CopyOnDisk.bytes("first"), 0);
                records.put(CopyOnDisk.bytes("two"), CopyOnDisk.bytes("second"), 0);
                records.put(CopyOnDisk.bytes("three"), CopyOnDisk.bytes("third"), 0);
            });
            copy.put(store, "more", "follows");
            store.closeCleanly();
        }
        for (String broken : List.of("first", "second", "third")) {
            copy.flipIn(broken);
            assertThat(copy.verify().missing()).as(broken).isEqualTo(3);
            copy.flipBack();
        }
    }

    /// Opening would believe it.
    @Test
    void anIntactHintThatContradictsItsSegmentIsDamage() throws IOException {
        CopyOnDisk copy = CopyOnDisk.whole();
        Path hint = copy.disk.contents().keySet().stream()
                .filter(file -> file.toString().endsWith(".hint"))
                .findFirst()
                .orElseThrow();
        byte[] bytes = copy.disk.bytesOf(hint);
        int lastEntry = bytes.length - 24;
        for (int changed : new int[] {lastEntry, lastEntry + 8, lastEntry + 16}) {
            byte[] wrong = bytes.clone();
            wrong[changed] ^= 1;
            CRC32C crc = new CRC32C();
            crc.update(wrong, 0, 92);
            crc.update(wrong, 96, wrong.length - 96);
            ByteBuffer.wrap(wrong).order(ByteOrder.LITTLE_ENDIAN).putInt(92, (int) crc.getValue());
            copy.disk.plant(hint, wrong);
            VerifyReport report = copy.verify();
            assertThat(report.isDamaged()).as("byte %s", changed).isTrue();
            assertThat(report.findings().getFirst().offset()).isEqualTo(changed);
        }
    }

    @Test
    void aTornTailIsNotDamage() throws IOException {
        CopyOnDisk copy = new CopyOnDisk();
        try (Store store = copy.open()) {
            copy.put(store, "kept", "1");
            copy.append(store, records -> records.put(CopyOnDisk.bytes("torn"), CopyOnDisk.bytes("2"), 0));
        }
        copy.flipIn("torn");
        VerifyReport report = copy.verify();
        assertThat(report.findings()).extracting(Finding::severity).containsExactly(Severity.TORN);
        assertThat(report.isDamaged()).isFalse();
        assertThat(report.opens()).isTrue();
        assertThat(report.opening()).isEqualTo("cuts what follows record 3, none of which was acknowledged");
    }

    @Test
    void reservedSpaceIsNoFinding() throws IOException {
        CopyOnDisk copy = CopyOnDisk.plain(2);
        Path segment = CopyOnDisk.file("00000000000000000001.log");
        byte[] bytes = copy.disk.bytesOf(segment);
        copy.disk.plant(segment, Arrays.copyOf(bytes, bytes.length + 5000));
        VerifyReport report = copy.verify();
        assertThat(report.findings()).isEmpty();
        assertThat(report.isDamaged()).isFalse();
    }

    @Test
    void leftoversOfInterruptedWorkAreReportedButNotDamage() throws IOException {
        CopyOnDisk copy = CopyOnDisk.whole();
        copy.disk.plant(CopyOnDisk.file("00000000000000000002.log"), new byte[10]);
        copy.disk.plant(CopyOnDisk.file("00000000000000000001-00000000000000000009-0000000007.log.new"), new byte[10]);
        copy.disk.plant(CopyOnDisk.file("copy.new"), new byte[10]);
        copy.disk.plant(CopyOnDisk.file("00000000000000004711.hint"), new byte[10]);
        copy.disk.plant(CopyOnDisk.file("notes.txt"), new byte[10]);
        VerifyReport report = copy.verify();
        assertThat(report.isDamaged()).isFalse();
        assertThat(report.findings())
                .extracting(finding -> finding.severity() + " " + finding.file().getFileName())
                .containsExactlyInAnyOrder(
                        "REMAINS 00000000000000000002.log",
                        "REMAINS 00000000000000000001-00000000000000000009-0000000007.log.new",
                        "REMAINS copy.new",
                        "REMAINS 00000000000000004711.hint",
                        "STRAY notes.txt");
    }

    @Test
    void aStoreThatIsOpenIsRefused() throws IOException {
        CopyOnDisk copy = CopyOnDisk.whole();
        try (Store store = copy.open()) {
            assertThatThrownBy(copy::take).isInstanceOf(DirectoryInUseException.class);
            assertThat(store.end()).isPositive();
        }
        try (OfflineCopy taken = copy.take()) {
            assertThatThrownBy(copy::open).isInstanceOf(DirectoryInUseException.class);
            assertThat(taken.partition()).isZero();
        }
        copy.open().close();
    }

    @Test
    void aDirectoryWithoutACopyIsRefusedAndLeftAlone(@TempDir Path directory) throws IOException {
        assertThatThrownBy(() -> OfflineCopy.take(directory, Disk.real()))
                .isInstanceOf(NotACopyException.class)
                .hasMessageContaining(directory.toString());
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void progressGrowsToTheTotal() throws IOException {
        CopyOnDisk copy = CopyOnDisk.whole();
        List<Long> steps = new ArrayList<>();
        List<Long> totals = new ArrayList<>();
        try (OfflineCopy taken = copy.take()) {
            taken.verify((done, total) -> {
                steps.add(done);
                totals.add(total);
            });
        }
        assertThat(steps).isSorted();
        assertThat(steps.getLast()).isEqualTo(totals.getFirst());
        assertThat(totals).containsOnly(totals.getFirst());
    }

    @Test
    void aReadErrorIsAnErrorAndNoFinding() throws IOException {
        CopyOnDisk copy = CopyOnDisk.whole();
        try (OfflineCopy taken = copy.take()) {
            copy.disk.fail(FaultyDisk.Kind.READ, 5);
            assertThatThrownBy(() -> taken.verify(Progress.NONE))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Input/output error");
        }
    }
}
