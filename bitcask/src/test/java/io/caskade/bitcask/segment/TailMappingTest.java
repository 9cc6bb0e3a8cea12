package io.caskade.bitcask.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.DiskFullException;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.disk.FaultyDisk.Kind;
import io.caskade.bitcask.log.LogOnDisk;
import io.caskade.bitcask.record.RecordFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Records that were just written are read through a map, which never shows what the file has lost.
final class TailMappingTest {

    private static final int STEP = 1 << 20;
    private static final int LARGE = 100 << 10;

    private final FaultyDisk disk = new FaultyDisk(1);

    private final AtomicInteger reads = new AtomicInteger();

    @BeforeEach
    void mapFiles() {
        disk.mapFiles();
        disk.beforeRead(reads::incrementAndGet);
    }

    private LogOnDisk open(long segmentBytes) throws IOException {
        return LogOnDisk.open(disk, segmentBytes, STEP, 0);
    }

    private static String value(int number, int length) {
        return String.valueOf((char) ('a' + number % 26)).repeat(length);
    }

    private static void fill(LogOnDisk log, int from, int to, int length) throws IOException {
        for (int i = from; i < to; i++) {
            log.put("key" + i, value(i, length));
        }
    }

    /// Reads the records of those puts, none of them from the file.
    private void requireMapped(LogOnDisk log, int from, int to, int length) throws IOException {
        int before = reads.get();
        for (int i = from; i < to; i++) {
            byte[] read = RecordFormat.value(log.log.read(log.readRecords.get(i).location()), 0);
            assertThat(new String(read, StandardCharsets.US_ASCII)).isEqualTo(value(i, length));
        }
        assertThat(reads.get()).as("reads of the file").isEqualTo(before);
    }

    @Test
    void theFirstRecordOfALogIsMapped() throws IOException {
        LogOnDisk log = open(64 << 20);
        fill(log, 0, 1, 10);
        requireMapped(log, 0, 1, 10);
    }

    @Test
    void everyRecordIsMappedWhileASegmentGrowsAndAfterIt() throws IOException {
        LogOnDisk log = open(12 << 20);
        for (int i = 0; i < 250; i++) {
            fill(log, i, i + 1, LARGE);
            requireMapped(log, Math.max(0, i - 50), i + 1, LARGE);
        }
        requireMapped(log, 0, 250, LARGE);
    }

    @Test
    void recordsBehindTrimmedSpaceAreMappedAgain() throws IOException {
        LogOnDisk log = open(64 << 20);
        fill(log, 0, 3, 1000);
        log.log.trimPreallocation();
        requireMapped(log, 0, 3, 1000);
        fill(log, 3, 6, 1000);
        requireMapped(log, 0, 6, 1000);
    }

    @Test
    void aFailedWriteTakesTheMappedSpaceWithIt() throws IOException {
        LogOnDisk log = open(64 << 20);
        fill(log, 0, 3, 1000);
        disk.fail(Kind.WRITE, 1);
        assertThatThrownBy(() -> log.put("lost", "value")).isInstanceOf(IOException.class);
        requireMapped(log, 0, 3, 1000);
        fill(log, 3, 6, 1000);
        requireMapped(log, 0, 6, 1000);
    }

    @Test
    void aTruncatedLogIsReadUpToItsNewEnd() throws IOException {
        LogOnDisk log = open(64 << 20);
        fill(log, 0, 6, 1000);
        log.log.truncate(3);
        fill(log, 6, 8, 1000);
        requireMapped(log, 0, 3, 1000);
        requireMapped(log, 6, 8, 1000);
    }

    @Test
    void recordsWithoutPreallocatedSpaceAreReadFromTheFileUntilThereAreEnough() throws IOException {
        LogOnDisk log = open(64 << 20);
        fill(log, 0, 1, LARGE);
        disk.setFreeBytes(3 * STEP / 4);
        int i = 1;
        while (reads.get() == 0) {
            fill(log, i, i + 1, LARGE);
            byte[] read = RecordFormat.value(log.log.read(log.readRecords.get(i).location()), 0);
            assertThat(new String(read, StandardCharsets.US_ASCII)).isEqualTo(value(i, LARGE));
            i++;
        }
        disk.setFreeBytes(3 * STEP);
        fill(log, i, i + 12, LARGE);
        requireMapped(log, 0, i + 5, LARGE);
    }

    @Test
    void aFullDiskLeavesWhatIsMappedReadable() throws IOException {
        LogOnDisk log = open(64 << 20);
        fill(log, 0, 9, LARGE);
        disk.setFreeBytes(0);
        assertThatThrownBy(() -> fill(log, 9, 30, LARGE)).isInstanceOf(DiskFullException.class);
        requireMapped(log, 0, log.readRecords.size(), LARGE);
    }
}
