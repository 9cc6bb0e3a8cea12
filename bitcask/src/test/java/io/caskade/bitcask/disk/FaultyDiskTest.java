package io.caskade.bitcask.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.DirectoryInUseException;
import io.caskade.bitcask.DiskFullException;
import io.caskade.bitcask.disk.FaultyDisk.Kind;
import io.caskade.bitcask.disk.FaultyDisk.Operation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What [FaultyDisk] does beyond the contract of all disks: it loses and fails exactly as it says.
final class FaultyDiskTest extends DiskContract {

    private static final Path DIRECTORY = Path.of("/disk");
    private static final Path FILE = DIRECTORY.resolve("file");

    private final FaultyDisk disk = new FaultyDisk(1);

    @Override
    Disk disk() {
        return disk;
    }

    @Override
    Path freshDirectory() {
        return DIRECTORY.resolve("fresh");
    }

    @BeforeEach
    void createFilesDirectory() throws IOException {
        disk.createDirectories(DIRECTORY);
        disk.mapFiles();
    }

    @Test
    void aMapShowsThatItsBytesWereCut() throws IOException {
        try (DiskFile file = disk.create(FILE)) {
            file.write(ByteBuffer.wrap(filled(10, 1)), 0);
            MemorySegment map = file.map(0, 10, Arena::global).orElseThrow();
            file.truncate(9);
            assertThat(map.get(ValueLayout.JAVA_BYTE, 8)).isEqualTo((byte) 1);
            assertThat(map.get(ValueLayout.JAVA_BYTE, 9)).isNotZero().isNotEqualTo((byte) 1);
        }
    }

    @Test
    void aMapIsNotLongerThanTheFile() throws IOException {
        try (DiskFile file = disk.create(FILE)) {
            file.write(ByteBuffer.allocate(10), 0);
            assertThatThrownBy(() -> file.map(1, 10, Arena::global)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aProcessKillLosesNothingThatWasWritten() throws IOException {
        DiskFile file = disk.create(FILE);
        file.write(ByteBuffer.wrap(filled(700, 1)), 0);
        disk.kill();
        assertThat(disk.bytesOf(FILE)).isEqualTo(filled(700, 1));
    }

    @Test
    void handlesOpenedBeforeACrashAreDead() throws IOException {
        DiskFile file = disk.create(FILE);
        disk.kill();
        assertThatThrownBy(() -> file.write(ByteBuffer.allocate(1), 0)).isInstanceOf(PowerFailureException.class);
    }

    @Test
    void aCrashReleasesLocksAndDeadHandlesCannotReleaseThemAgain() throws IOException {
        Disk.DirectoryLock dead = disk.lock(DIRECTORY);
        disk.kill();
        Disk.DirectoryLock alive = disk.lock(DIRECTORY);
        dead.close();
        assertThatThrownBy(() -> disk.lock(DIRECTORY)).isInstanceOf(DirectoryInUseException.class);
        alive.close();
    }

    @Test
    void theWorstPowerFailureKeepsExactlyTheSyncedBytesAndNames() throws IOException {
        DiskFile file = disk.create(FILE);
        file.write(ByteBuffer.wrap(filled(700, 1)), 0);
        file.sync();
        disk.syncDirectory(DIRECTORY);
        file.write(ByteBuffer.wrap(filled(100, 2)), 700);
        file.write(ByteBuffer.wrap(filled(10, 3)), 0);
        disk.create(DIRECTORY.resolve("other")).close();
        disk.powerFailure();
        assertThat(disk.contents()).containsOnlyKeys(FILE);
        assertThat(disk.bytesOf(FILE)).isEqualTo(filled(700, 1));
    }

    @Test
    void anUnsyncedNameIsLostEvenIfItsBytesWereSynced() throws IOException {
        DiskFile file = disk.create(FILE);
        file.write(ByteBuffer.wrap(filled(1, 1)), 0);
        file.sync();
        disk.powerFailure();
        assertThat(disk.contents()).isEmpty();
    }

    @Test
    void unsyncedRenamesAndDeletionsAreUndone() throws IOException {
        disk.plant(FILE, filled(1, 1));
        disk.plant(DIRECTORY.resolve("gone"), filled(1, 2));
        disk.rename(FILE, DIRECTORY.resolve("renamed"));
        disk.delete(DIRECTORY.resolve("gone"));
        disk.powerFailure();
        assertThat(disk.contents()).containsOnlyKeys(FILE, DIRECTORY.resolve("gone"));
    }

    @Test
    void everyPowerFailureKeepsSyncedBytes() throws IOException {
        for (int seed = 0; seed < 200; seed++) {
            FaultyDisk other = new FaultyDisk(seed);
            other.createDirectories(DIRECTORY);
            DiskFile file = other.create(FILE);
            file.write(ByteBuffer.wrap(filled(5000, 1)), 0);
            file.sync();
            other.syncDirectory(DIRECTORY);
            file.write(ByteBuffer.wrap(filled(5000, 2)), 5000);
            other.powerFailure(new Random(seed));
            byte[] left = other.bytesOf(FILE);
            assertThat(left).as("seed %d", seed).hasSizeBetween(5000, 10000);
            assertThat(Arrays.copyOf(left, 5000)).as("seed %d", seed).isEqualTo(filled(5000, 1));
        }
    }

    @Test
    void powerFailuresTearAWriteBySectorsInAnyOrder() throws IOException {
        Set<String> found = new HashSet<>();
        for (int seed = 0; seed < 400; seed++) {
            FaultyDisk other = new FaultyDisk(seed);
            other.createDirectories(DIRECTORY);
            DiskFile file = other.create(FILE);
            other.syncDirectory(DIRECTORY);
            file.write(ByteBuffer.wrap(filled(3 * Inode.SECTOR, 1)), 0);
            other.powerFailure(new Random(seed));
            found.add(sectors(other.bytesOf(FILE)));
        }
        assertThat(found)
                .contains("", "1", "11", "111", "011", "101", "001", "000")
                .hasSizeLessThan(12);
    }

    private static String sectors(byte[] left) {
        StringBuilder sectors = new StringBuilder();
        for (int from = 0; from < left.length; from += Inode.SECTOR) {
            int to = Math.min(from + Inode.SECTOR, left.length);
            byte first = left[from];
            for (int i = from; i < to; i++) {
                assertThat(left[i]).as("sectors are whole").isEqualTo(first);
            }
            sectors.append(first);
        }
        return sectors.toString();
    }

    @Test
    void aFailedSyncLosesItsBytesForGood() throws IOException {
        DiskFile file = disk.create(FILE);
        disk.syncDirectory(DIRECTORY);
        file.write(ByteBuffer.wrap(filled(10, 1)), 0);
        disk.fail(Kind.SYNC, 1);
        assertThatThrownBy(file::sync).isInstanceOf(IOException.class).hasMessageContaining("Input/output error");
        assertThat(disk.bytesOf(FILE)).isEqualTo(filled(10, 1));
        file.sync();
        disk.powerFailure();
        assertThat(disk.bytesOf(FILE)).isEmpty();
    }

    @Test
    void aSyncCoversExactlyTheWritesBeforeIt() throws IOException {
        DiskFile file = disk.create(FILE);
        disk.syncDirectory(DIRECTORY);
        file.write(ByteBuffer.wrap(filled(10, 1)), 0);
        disk.beforeSync(() -> {
            try {
                file.write(ByteBuffer.wrap(filled(10, 2)), 10);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        file.sync();
        disk.powerFailure();
        assertThat(disk.bytesOf(FILE)).isEqualTo(filled(10, 1));
    }

    @Test
    void theNthOperationOfAKindFailsOnce() throws IOException {
        DiskFile file = disk.create(FILE);
        disk.fail(Kind.WRITE, 2);
        file.write(ByteBuffer.wrap(filled(1, 1)), 0);
        assertThatThrownBy(() -> file.write(ByteBuffer.allocate(1), 1)).hasMessageContaining("Input/output error");
        file.write(ByteBuffer.wrap(filled(1, 1)), 1);
        disk.fail(Kind.CREATE, 1);
        assertThatThrownBy(() -> disk.create(DIRECTORY.resolve("other"))).isInstanceOf(IOException.class);
        disk.fail(Kind.RENAME, 1);
        assertThatThrownBy(() -> disk.rename(FILE, DIRECTORY.resolve("other"))).isInstanceOf(IOException.class);
        assertThat(disk.contents()).containsOnlyKeys(FILE);
    }

    @Test
    void aFullDiskTakesThePartThatFitsAndDeletingMakesRoom() throws IOException {
        DiskFile file = disk.create(FILE);
        disk.setFreeBytes(10);
        assertThatThrownBy(() -> file.write(ByteBuffer.wrap(filled(12, 1)), 0)).isInstanceOf(DiskFullException.class);
        assertThat(file.size()).isEqualTo(10);
        file.write(ByteBuffer.wrap(filled(10, 2)), 0);
        assertThatThrownBy(() -> disk.create(DIRECTORY.resolve("other"))).isInstanceOf(DiskFullException.class);
        disk.delete(FILE);
        disk.create(DIRECTORY.resolve("other")).write(ByteBuffer.wrap(filled(10, 3)), 0);
    }

    @Test
    void stoppingTearsTheCurrentWriteAndRefusesLaterOnes() throws IOException {
        DiskFile file = disk.create(FILE);
        disk.stopAt(1);
        file.write(ByteBuffer.wrap(filled(10, 1)), 0);
        assertThatThrownBy(() -> file.write(ByteBuffer.wrap(filled(10, 2)), 10))
                .isInstanceOf(PowerFailureException.class);
        assertThat(disk.isStopped()).isTrue();
        assertThatThrownBy(file::sync).isInstanceOf(PowerFailureException.class);
        assertThatThrownBy(() -> disk.open(FILE)).isInstanceOf(PowerFailureException.class);
        disk.kill();
        assertThat(disk.bytesOf(FILE)).hasSizeBetween(10, 20).startsWith(filled(10, 1));
    }

    @Test
    void operationsAreRecordedInOrder() throws IOException {
        disk.record();
        DiskFile file = disk.create(FILE);
        file.write(ByteBuffer.wrap(filled(2, 1)), 7);
        disk.note("seen");
        file.sync();
        disk.syncDirectory(DIRECTORY);
        assertThat(disk.operations())
                .extracting(Operation::toString)
                .containsExactly(
                        "CREATE /disk/file",
                        "WRITE /disk/file 7+2",
                        "NOTE seen",
                        "SYNC /disk/file",
                        "SYNC_DIRECTORY /disk");
    }

    @Test
    void theSameSeedLosesTheSameBytes() throws IOException {
        assertThat(leftBy(7)).isEqualTo(leftBy(7));
    }

    private static byte[] leftBy(long seed) throws IOException {
        FaultyDisk other = new FaultyDisk(seed);
        other.createDirectories(DIRECTORY);
        DiskFile file = other.create(FILE);
        other.syncDirectory(DIRECTORY);
        for (int i = 0; i < 20; i++) {
            file.write(ByteBuffer.wrap(filled(300, i)), 200L * i);
        }
        other.powerFailure(new Random(seed));
        return other.bytesOf(FILE);
    }

    private static byte[] filled(int length, int with) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) with);
        return bytes;
    }
}
