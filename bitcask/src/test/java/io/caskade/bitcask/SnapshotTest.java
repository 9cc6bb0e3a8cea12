package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.inspect.OfflineCopy;
import io.caskade.bitcask.inspect.Progress;
import io.caskade.bitcask.inspect.RestoreReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SnapshotTest {

    private static final Path DIRECTORY = Path.of("/data");
    private static final Path TARGET = Path.of("/backups/monday");

    private static final Options OPTIONS = Options.defaults()
            .withSegmentBytes(4096)
            .withScrub(Duration.ofDays(1), 0)
            .withMerges(MergeOptions.off());

    private final FaultyDisk disk = new FaultyDisk(1);

    private static void put(Bitcask store, int from, int to, String value) throws IOException {
        for (int i = from; i < to; i++) {
            store.put(bytes("key" + i), bytes(value + i + "-".repeat(100)));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, String> all(Bitcask store) throws IOException {
        Map<String, String> all = new TreeMap<>();
        long position = 0;
        do {
            ScanPage page = store.scan(position, 100);
            for (Entry entry : page.entries()) {
                all.put(
                        new String(entry.key(), StandardCharsets.UTF_8),
                        new String(entry.value(), StandardCharsets.UTF_8));
            }
            position = page.next();
        } while (position != 0);
        return all;
    }

    private static Map<String, String> allIn(Path directory, Disk disk) throws IOException {
        try (Bitcask store = Bitcask.open(directory, OPTIONS, disk)) {
            return all(store);
        }
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void aSnapshotHasExactlyTheWritesBeforeIt(Durability durability) throws IOException {
        Map<String, String> before;
        try (Bitcask store = Bitcask.open(DIRECTORY, OPTIONS.withDurability(durability), disk)) {
            put(store, 0, 100, "before");
            before = all(store);
            disk.createDirectories(Path.of("/backups"));
            store.snapshot(TARGET);
            put(store, 50, 150, "after");
            assertThat(store.size()).isEqualTo(150);
        }
        disk.powerFailure();
        assertThat(allIn(TARGET, disk)).isEqualTo(before);
        assertThat(allIn(DIRECTORY, disk)).hasSize(150);
    }

    @Test
    void fullSegmentsAreSharedAndTheNewestIsNot(@TempDir Path directory) throws IOException {
        Path target = directory.resolve("snapshot");
        try (Bitcask store = Bitcask.open(directory.resolve("data"), OPTIONS)) {
            put(store, 0, 200, "value");
            SnapshotReport taken = store.snapshot(target);
            assertThat(taken.linkedFiles()).isGreaterThan(5);
            assertThat(taken.copiedBytes()).isLessThan(5000);
        }
        for (Path file : Disk.real().list(target)) {
            boolean log = file.toString().endsWith(".log");
            boolean newest = log
                    && Disk.real().list(target).stream()
                            .filter(other -> other.toString().endsWith(".log"))
                            .noneMatch(other -> other.compareTo(file) > 0);
            if (log) {
                assertThat(Files.getAttribute(file, "unix:nlink"))
                        .as("%s", file)
                        .isEqualTo(newest ? 1 : 2);
            }
        }
    }

    @Test
    void theSnapshotAndTheStoreAreIndependent(@TempDir Path directory) throws IOException {
        Path target = directory.resolve("snapshot");
        Map<String, String> before;
        try (Bitcask store = Bitcask.open(directory.resolve("data"), OPTIONS)) {
            put(store, 0, 100, "value");
            before = all(store);
            store.snapshot(target);
            put(store, 0, 100, "overwritten");
            store.merge();
            try (Bitcask other = Bitcask.open(target, OPTIONS)) {
                assertThat(all(other)).isEqualTo(before);
                put(other, 200, 300, "others");
                for (int i = 0; i < 50; i++) {
                    other.delete(bytes("key" + i));
                }
                other.merge();
                assertThat(other.size()).isEqualTo(150);
            }
            assertThat(all(store)).hasSize(100).doesNotContainKey("key200");
        }
        assertThat(allIn(directory.resolve("data"), Disk.real())).hasSize(100).doesNotContainKey("key200");
        assertThat(allIn(target, Disk.real())).hasSize(150);
    }

    @Test
    void aNameThatIsTakenIsRefused(@TempDir Path directory) throws IOException {
        Path target = Files.createDirectory(directory.resolve("snapshot"));
        try (Bitcask store = Bitcask.open(directory.resolve("data"), OPTIONS)) {
            assertThatThrownBy(() -> store.snapshot(target)).isInstanceOf(FileAlreadyExistsException.class);
            assertThat(target).isEmptyDirectory();
        }
    }

    @Test
    void aSnapshotThatIsRefusedKeepsNoFilesOpen() throws IOException {
        try (Bitcask store = Bitcask.open(DIRECTORY, OPTIONS, disk)) {
            put(store, 0, 100, "value");
            disk.createDirectories(TARGET);
            assertThatThrownBy(() -> store.snapshot(TARGET)).isInstanceOf(FileAlreadyExistsException.class);
            put(store, 0, 100, "overwritten");
            store.merge();
            assertThat(disk.openFiles()).allMatch(disk.contents()::containsKey);
        }
        assertThat(disk.openFiles()).isEmpty();
    }

    @Test
    void anEmptyStoreHasASnapshot() throws IOException {
        disk.createDirectories(Path.of("/backups"));
        try (Bitcask store = Bitcask.open(DIRECTORY, OPTIONS, disk)) {
            store.snapshot(TARGET);
        }
        assertThat(allIn(TARGET, disk)).isEmpty();
    }

    @Test
    void withoutHardLinksFilesAreCopied() throws IOException {
        disk.cannotLink();
        disk.createDirectories(Path.of("/backups"));
        try (Bitcask store = Bitcask.open(DIRECTORY, OPTIONS, disk)) {
            put(store, 0, 100, "value");
            SnapshotReport taken = store.snapshot(TARGET);
            assertThat(taken.linkedFiles()).isZero();
            assertThat(taken.copiedBytes()).isGreaterThan(10_000);
        }
        assertThat(allIn(TARGET, disk)).hasSize(100);
    }

    @Test
    void anInterruptedSnapshotIsCompleteOrAbsent() throws IOException {
        boolean stopped = true;
        int step = 0;
        while (stopped) {
            FaultyDisk fresh = new FaultyDisk(step);
            fresh.createDirectories(Path.of("/backups"));
            try (Bitcask store = Bitcask.open(DIRECTORY, OPTIONS, fresh)) {
                put(store, 0, 60, "value");
            }
            Bitcask store = Bitcask.open(DIRECTORY, OPTIONS, fresh);
            fresh.stopAt(step);
            stopped = false;
            try {
                store.snapshot(TARGET);
            } catch (IOException e) {
                stopped = true;
            }
            fresh.stop();
            fresh.powerFailure(new Random(step));
            if (fresh.exists(TARGET)) {
                assertThat(allIn(TARGET, fresh)).as("step %s", step).hasSize(60);
            }
            assertThat(allIn(DIRECTORY, fresh)).as("step %s", step).hasSize(60);
            step++;
        }
        assertThat(step).isGreaterThan(5);
    }

    @Test
    void aRestoredCopyHasTheSameRecordsAndAnotherIdentity() throws IOException {
        disk.createDirectories(Path.of("/backups"));
        Map<String, String> before;
        try (Bitcask store = Bitcask.open(DIRECTORY, OPTIONS, disk)) {
            put(store, 0, 100, "value");
            before = all(store);
            store.snapshot(TARGET);
        }
        Path restored = Path.of("/restored");
        RestoreReport first;
        try (OfflineCopy snapshot = OfflineCopy.take(TARGET, disk)) {
            first = snapshot.restoreTo(restored, Progress.NONE);
            RestoreReport second = snapshot.restoreTo(Path.of("/again"), Progress.NONE);
            assertThat(second.id()).isNotEqualTo(first.id());
            assertThatThrownBy(() -> snapshot.restoreTo(restored, Progress.NONE))
                    .isInstanceOf(FileAlreadyExistsException.class);
        }
        assertThat(allIn(restored, disk)).isEqualTo(before);
        assertThat(allIn(TARGET, disk)).isEqualTo(before);
    }

    @Test
    void nothingIsRestoredFromADamagedSnapshot() throws IOException {
        disk.createDirectories(Path.of("/backups"));
        try (Bitcask store = Bitcask.open(DIRECTORY, OPTIONS, disk)) {
            put(store, 0, 100, "value");
            store.snapshot(TARGET);
        }
        Path segment = TARGET.resolve("00000000000000000001.log");
        byte[] bytes = disk.bytesOf(segment).clone();
        bytes[1000] ^= 1;
        disk.plant(segment, bytes);
        try (OfflineCopy snapshot = OfflineCopy.take(TARGET, disk)) {
            assertThatThrownBy(() -> snapshot.restoreTo(Path.of("/restored"), Progress.NONE))
                    .hasMessageContaining("is damaged");
        }
        assertThat(disk.exists(Path.of("/restored"))).isFalse();
    }
}
