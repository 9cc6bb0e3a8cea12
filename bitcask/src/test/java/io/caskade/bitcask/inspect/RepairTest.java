package io.caskade.bitcask.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RepairTest {

    private static RepairReport repair(CopyOnDisk copy, RepairMode mode) throws IOException {
        try (OfflineCopy taken = copy.take()) {
            return taken.repair(mode, false, Progress.NONE);
        }
    }

    private static UUID id(CopyOnDisk copy) throws IOException {
        try (Store store = copy.open()) {
            return store.id();
        }
    }

    /// `key0` to `key19` in records 2, 4 to 40; `key9`, record 20, is damaged.
    private static CopyOnDisk damagedInTheMiddle() throws IOException {
        CopyOnDisk copy = CopyOnDisk.plain(20);
        copy.flipIn("value9");
        assertThatThrownBy(copy::open).isInstanceOf(DamagedLogException.class);
        return copy;
    }

    private static Map<String, String> keys(int from, int to) {
        Map<String, String> keys = new TreeMap<>();
        for (int i = from; i < to; i++) {
            keys.put("key" + i, "value" + i);
        }
        return keys;
    }

    @Test
    void aPrefixRepairKeepsTheLogUpToTheDamage() throws IOException {
        CopyOnDisk copy = damagedInTheMiddle();
        RepairReport report = repair(copy, RepairMode.PREFIX);
        assertThat(report.done()).isTrue();
        assertThat(report.end()).isEqualTo(19);
        assertThat(report.kept()).isEqualTo(19);
        assertThat(report.lost()).hasSize(1);
        assertThat(report.lost().getFirst().first()).isEqualTo(20);
        assertThat(report.lost().getFirst().last()).isEqualTo(40);
        assertThat(copy.contents()).isEqualTo(keys(0, 9));
        assertThat(copy.verify().isDamaged()).isFalse();
    }

    @Test
    void aSalvageKeepsTheNewestReadableValueOfEveryKey() throws IOException {
        CopyOnDisk copy = damagedInTheMiddle();
        RepairReport report = repair(copy, RepairMode.SALVAGE);
        assertThat(report.kept()).isEqualTo(19);
        assertThat(report.lost()).hasSize(1);
        assertThat(report.lost().getFirst().first()).isEqualTo(20);
        assertThat(report.lost().getFirst().last()).isEqualTo(20);
        Map<String, String> expected = keys(0, 20);
        expected.remove("key9");
        assertThat(copy.contents()).isEqualTo(expected);
    }

    @Test
    void aSalvagedLogStartsANewHistory() throws IOException {
        CopyOnDisk copy = damagedInTheMiddle();
        RepairReport report = repair(copy, RepairMode.SALVAGE);
        try (Store store = copy.open()) {
            assertThat(store.end()).isEqualTo(20).isEqualTo(report.end());
            assertThat(store.epochs().starts()).hasSize(1);
            assertThat(store.epochs().latest()).isEqualTo(2);
            assertThat(store.logTime()).isEqualTo(1_000);
        }
        VerifyReport verified = copy.verify();
        assertThat(verified.isDamaged()).isFalse();
        assertThat(verified.records()).isEqualTo(20);
        assertThat(verified.missing()).isZero();
    }

    @Test
    void aKeyWhoseNewestValueIsLostHasThePreviousOne() throws IOException {
        CopyOnDisk copy = new CopyOnDisk();
        try (Store store = copy.open()) {
            copy.put(store, "a", "older");
            copy.put(store, "a", "newer");
            copy.group(store, records -> records.tombstone(CopyOnDisk.bytes("b")));
            copy.put(store, "c", "3");
            store.closeCleanly();
        }
        copy.flipIn("newer");
        repair(copy, RepairMode.SALVAGE);
        assertThat(copy.contents()).isEqualTo(Map.of("a", "older", "c", "3"));
    }

    @ParameterizedTest
    @EnumSource(RepairMode.class)
    void aRepairedCopyTakesANewIdentityAndRemembersTheFormer(RepairMode mode) throws IOException {
        CopyOnDisk copy = CopyOnDisk.plain(20);
        UUID before = id(copy);
        copy.flipIn("value9");
        RepairReport report = repair(copy, mode);
        assertThat(report.id()).isPresent();
        assertThat(report.id().orElseThrow()).isNotEqualTo(before);
        try (Store store = copy.open()) {
            assertThat(store.id()).isEqualTo(report.id().orElseThrow());
            assertThat(store.formerIds()).containsExactly(before);
        }
    }

    @ParameterizedTest
    @EnumSource(RepairMode.class)
    void everyRemovedFileIsKeptUnchanged(RepairMode mode) throws IOException {
        CopyOnDisk copy = CopyOnDisk.whole();
        copy.flipIn("later5");
        Map<Path, byte[]> before = copy.disk.contents();
        RepairReport report = repair(copy, mode);
        Path aside = report.aside().orElseThrow();
        Map<Path, byte[]> after = copy.disk.contents();
        before.forEach((file, bytes) -> {
            boolean stillThere = Arrays.equals(after.get(file), bytes);
            boolean kept = Arrays.equals(after.get(aside.resolve(file.getFileName())), bytes);
            assertThat(stillThere || kept).as("%s", file).isTrue();
        });
        assertThat(copy.disk.exists(CopyOnDisk.file("repair.new"))).isFalse();
        assertThat(copy.disk.survivors().keySet()).isEqualTo(after.keySet());
    }

    @Test
    void aSecondRepairKeepsItsFilesBesideThoseOfTheFirst() throws IOException {
        CopyOnDisk copy = damagedInTheMiddle();
        Path first = repair(copy, RepairMode.PREFIX).aside().orElseThrow();
        copy.flipIn("value3");
        Path second = repair(copy, RepairMode.PREFIX).aside().orElseThrow();
        assertThat(first).isEqualTo(CopyOnDisk.file("lost/1"));
        assertThat(second).isEqualTo(CopyOnDisk.file("lost/2"));
        assertThat(copy.disk.list(first)).isNotEmpty();
        assertThat(copy.contents()).isEqualTo(keys(0, 3));
    }

    @Test
    void aMergedSegmentThatDependsOnLostRecordsIsNotKept() throws IOException {
        CopyOnDisk copy = CopyOnDisk.whole();
        Map<String, String> all = copy.contents();
        copy.flipIn("later0");
        RepairReport prefix;
        try (OfflineCopy taken = copy.take()) {
            prefix = taken.repair(RepairMode.PREFIX, true, Progress.NONE);
        }
        assertThat(prefix.done()).isFalse();
        RepairReport salvage = repair(copy, RepairMode.SALVAGE);
        assertThat(salvage.kept()).isGreaterThan(prefix.kept()).isEqualTo(all.size() - 1);
        all.remove("later0");
        assertThat(copy.contents()).isEqualTo(all);
    }

    @Test
    void aDamagedHintIsRemovedAndTheIdentityStays() throws IOException {
        CopyOnDisk copy = CopyOnDisk.whole();
        UUID before = id(copy);
        Map<String, String> all = copy.contents();
        Path hint = copy.disk.contents().keySet().stream()
                .filter(file -> file.toString().endsWith(".hint"))
                .findFirst()
                .orElseThrow();
        copy.flip(hint, 100);
        RepairReport report = repair(copy, RepairMode.SALVAGE);
        assertThat(report.lost()).isEmpty();
        assertThat(report.id()).isEmpty();
        assertThat(copy.disk.exists(hint)).isFalse();
        assertThat(copy.disk.exists(report.aside().orElseThrow().resolve(String.valueOf(hint.getFileName()))))
                .isTrue();
        assertThat(copy.verify().findings()).isEmpty();
        assertThat(id(copy)).isEqualTo(before);
        assertThat(copy.contents()).isEqualTo(all);
    }

    @Test
    void anUnreadableCopyFileIsReplacedUnderANewIdentity() throws IOException {
        CopyOnDisk copy = CopyOnDisk.whole();
        Map<String, String> all = copy.contents();
        copy.flip(CopyOnDisk.file("copy"), 30);
        RepairReport report = repair(copy, RepairMode.PREFIX);
        assertThat(report.lost()).isEmpty();
        assertThat(id(copy)).isEqualTo(report.id().orElseThrow());
        assertThat(copy.contents()).isEqualTo(all);
    }

    @Test
    void aLogWithoutItsNewestSegmentIsRepairedToWhatIsLeft() throws IOException {
        CopyOnDisk copy = CopyOnDisk.plain(20);
        Path newest = copy.disk.contents().keySet().stream()
                .filter(file -> file.toString().endsWith(".log"))
                .reduce((before, after) -> after)
                .orElseThrow();
        copy.disk.delete(newest);
        RepairReport report = repair(copy, RepairMode.PREFIX);
        assertThat(report.lost().getFirst().last()).isEqualTo(40);
        assertThat(copy.contents()).isEqualTo(keys(0, (int) report.end() / 2));
    }

    @Test
    void anIntactCopyIsLeftAlone() throws IOException {
        CopyOnDisk copy = CopyOnDisk.whole();
        long operations = copy.disk.operationCount();
        RepairReport report = repair(copy, RepairMode.SALVAGE);
        assertThat(report.done()).isFalse();
        assertThat(report.lost()).isEmpty();
        assertThat(copy.disk.operationCount()).isEqualTo(operations);
    }

    @ParameterizedTest
    @EnumSource(RepairMode.class)
    void aDryRunReportsTheSameAndChangesNothing(RepairMode mode) throws IOException {
        CopyOnDisk copy = damagedInTheMiddle();
        long operations = copy.disk.operationCount();
        RepairReport dry;
        try (OfflineCopy taken = copy.take()) {
            dry = taken.repair(mode, true, Progress.NONE);
        }
        assertThat(copy.disk.operationCount()).isEqualTo(operations);
        RepairReport real = repair(copy, mode);
        assertThat(dry.done()).isFalse();
        assertThat(dry.lost()).isEqualTo(real.lost());
        assertThat(dry.kept()).isEqualTo(real.kept());
    }

    @Test
    void repairWorksWithoutHardLinks() throws IOException {
        CopyOnDisk copy = damagedInTheMiddle();
        copy.disk.cannotLink();
        repair(copy, RepairMode.PREFIX);
        assertThat(copy.contents()).isEqualTo(keys(0, 9));
    }

    /// Whatever is left, the copy either is refused or has exactly what the repair keeps; and repairing again
    /// gets there, with every damaged file kept.
    @ParameterizedTest
    @EnumSource(RepairMode.class)
    void anInterruptedRepairCanBeRunAgain(RepairMode mode) throws IOException {
        Map<String, String> expected = new TreeMap<>(keys(0, mode == RepairMode.PREFIX ? 9 : 20));
        expected.remove("key9");
        int step = 0;
        boolean stopped = true;
        while (stopped) {
            CopyOnDisk copy = damagedInTheMiddle();
            byte[] damaged = copy.disk.bytesOf(fileOfRecord20(copy));
            FaultyDisk disk = copy.disk;
            disk.stopAt(step);
            stopped = false;
            try {
                repair(copy, mode);
            } catch (IOException e) {
                assertThat(disk.isStopped()).as("step %s: %s", step, e).isTrue();
                stopped = true;
            }
            Random luck = new Random(step);
            if (step % 2 == 0) {
                disk.powerFailure(luck);
            } else {
                disk.kill();
            }
            try {
                assertThat(copy.contents()).as("step %s", step).isEqualTo(expected);
            } catch (IOException e) {
                repair(copy, mode);
                assertThat(copy.contents()).as("step %s", step).isEqualTo(expected);
            }
            assertThat(disk.contents().values()).as("step %s", step).anyMatch(bytes -> Arrays.equals(bytes, damaged));
            step++;
        }
        assertThat(step).isGreaterThan(20);
    }

    private static Path fileOfRecord20(CopyOnDisk copy) throws IOException {
        return copy.verify().gaps().getFirst().file();
    }
}
