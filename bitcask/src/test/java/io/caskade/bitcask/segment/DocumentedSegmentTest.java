package io.caskade.bitcask.segment;

import static io.caskade.bitcask.log.LogOnDisk.bytes;
import static io.caskade.bitcask.log.LogOnDisk.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.FormatsPage;
import io.caskade.bitcask.HexDump;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.log.LogOnDisk;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.RecordFormat;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The example in `docs/formats.md`.
final class DocumentedSegmentTest {

    @Test
    void theEngineWritesTheDocumentedBytes() throws IOException {
        FaultyDisk disk = new FaultyDisk(1);
        LogOnDisk on = LogOnDisk.open(disk);
        on.append(5, records -> {
            records.mark(1_700_000_000_000L, 0);
            records.put(bytes("hello"), bytes("world"), 1_700_000_060_000L);
            records.endBatch();
            records.put(bytes("b"), bytes("2"), 0);
            records.tombstone(bytes("hello"));
            records.endBatch();
        });
        assertThat(FormatsPage.block("segment")).isEqualTo(HexDump.of(disk.bytesOf(segment(1))));
    }

    @Test
    void theEngineReadsTheDocumentedBytes() throws IOException {
        FaultyDisk disk = FaultyDisk.holding(Map.of(segment(1), HexDump.parse(FormatsPage.block("segment"))));
        LogOnDisk on = LogOnDisk.open(disk);
        assertThat(on.texts())
                .satisfiesExactly(
                        mark -> assertThat(mark).startsWith("1@5 MARK"),
                        first -> assertThat(first).isEqualTo("2@5 PUT hello=world"),
                        second -> assertThat(second).isEqualTo("3@5 PUT b=2"),
                        third -> assertThat(third).isEqualTo("4@5 TOMBSTONE hello="));
        var mark = on.log.read(on.readRecords.getFirst().location());
        assertThat(RecordFormat.markTime(mark, 0)).isEqualTo(1_700_000_000_000L);
        assertThat(RecordFormat.markHighWatermark(mark, 0)).isZero();
        var put = on.log.read(on.readRecords.get(1).location());
        assertThat(RecordFormat.expiresAt(put, 0)).isEqualTo(1_700_000_060_000L);
        assertThat(on.readRecords)
                .extracting(read -> Location.offset(read.location()))
                .containsExactly(0x20L, 0x50L, 0x7aL, 0x9cL);
    }
}
