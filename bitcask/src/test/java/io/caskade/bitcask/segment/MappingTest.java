package io.caskade.bitcask.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.log.Log;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.RecordFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappingTest {

    private static final int VALUE_BYTES = 64 << 10;
    private static final int RECORDS = 200;
    private static final LogOptions OPTIONS = new LogOptions(0, 1 << 30, Durability.SYNC);

    @TempDir
    private Path directory = Path.of("");

    private final List<Long> locations = new ArrayList<>();

    @Test
    void mappedAndUnmappedRecordsAreReadAlike() throws IOException {
        try (Log log = filled()) {
            for (int i = 0; i < RECORDS; i++) {
                assertValue(log.read(locations.get(i)), i);
            }
        }
    }

    @Test
    void aReopenedLogIsReadThroughItsMap() throws IOException {
        filled().close();
        locations.clear();
        try (Log log = Log.open(Disk.real(), directory, OPTIONS, 0, (_, _, location) -> locations.add(location))) {
            for (int i = 0; i < RECORDS; i++) {
                assertValue(log.read(locations.get(i)), i);
            }
        }
    }

    @Test
    void aTruncatedLogIsReadUpToItsNewEndAndBeyondOnceItHasGrownAgain() throws IOException {
        try (Log log = filled()) {
            log.truncate(RECORDS / 2);
            List<Long> added = new ArrayList<>();
            log.append(record(RECORDS / 2 + 1, 7), (_, _, location) -> added.add(location));

            assertValue(log.read(locations.get(RECORDS / 2 - 1)), RECORDS / 2 - 1);
            assertValue(log.read(added.getFirst()), 7);
        }
    }

    @Test
    void damageInMappedPagesIsReportedAndNotServed() throws IOException {
        try (Log log = filled();
                DiskFile file = Disk.real().open(directory.resolve(SegmentFormat.fileName(1)))) {
            long location = locations.get(3);
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), Location.offset(location) + 1000);

            assertThatThrownBy(() -> log.read(location))
                    .isInstanceOf(DamagedLogException.class)
                    .hasMessageContaining("offset " + Location.offset(location));
        }
    }

    @Test
    void failedMappedReadsAreIoErrors() throws IOException {
        try (Log log = filled();
                DiskFile file = Disk.real().open(directory.resolve(SegmentFormat.fileName(1)))) {
            file.truncate(VALUE_BYTES);

            assertThatThrownBy(() -> log.read(locations.get(50)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("offset " + Location.offset(locations.get(50)));
        }
    }

    /// Were the trimmed space still in view, touching it would look like a failure of the disk.
    @Test
    void aDamagedLengthThatReachesIntoTrimmedSpaceIsReportedAsDamage() throws IOException {
        try (Log log = Log.open(Disk.real(), directory, OPTIONS, 0, (_, _, _) -> {})) {
            log.append(record(1, 0), (_, _, location) -> locations.add(location));
            log.trimPreallocation();
            long location = locations.getFirst();
            try (DiskFile file = Disk.real().open(directory.resolve(SegmentFormat.fileName(1)))) {
                ByteBuffer longer = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                file.write(
                        longer.putInt(0, VALUE_BYTES + (256 << 10)),
                        Location.offset(location) + RecordFormat.VALUE_LENGTH);
            }

            assertThatThrownBy(() -> log.read(location)).isInstanceOf(DamagedLogException.class);
        }
    }

    private Log filled() throws IOException {
        Log log = Log.open(Disk.real(), directory, OPTIONS, 0, (_, _, _) -> {});
        for (int i = 0; i < RECORDS; i++) {
            log.append(record(i + 1, i), (_, _, location) -> locations.add(location));
        }
        return log;
    }

    private static ByteBuffer record(long sequence, int number) {
        BatchEncoder encoder = new BatchEncoder();
        encoder.start(1, sequence);
        encoder.put(new byte[] {1}, value(number), 0);
        encoder.endBatch();
        return encoder.group();
    }

    private static byte[] value(int number) {
        return ByteBuffer.allocate(VALUE_BYTES)
                .putInt(number)
                .putInt(VALUE_BYTES - Integer.BYTES, number)
                .array();
    }

    private static void assertValue(ByteBuffer record, int number) {
        assertThat(RecordFormat.value(record, 0)).isEqualTo(value(number));
    }
}
