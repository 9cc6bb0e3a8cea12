package io.caskade.bitcask.segment;

import static io.caskade.bitcask.log.LogOnDisk.DIRECTORY;
import static io.caskade.bitcask.log.LogOnDisk.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.FormatsPage;
import io.caskade.bitcask.HexDump;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.log.LogMerge;
import io.caskade.bitcask.log.LogOnDisk;
import io.caskade.bitcask.record.EpochHistory;
import io.caskade.bitcask.record.RecordFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The example of a merged segment in `docs/formats.md`: of the documented segment, once `b` has been written
/// again and `hello` has not.
final class DocumentedMergedSegmentTest {

    private static final Path MERGED = DIRECTORY.resolve("00000000000000000001-00000000000000000004-0000000001.log");

    @Test
    void theEngineWritesTheDocumentedBytes() throws IOException {
        FaultyDisk disk = new FaultyDisk(1);
        LogOnDisk on = written(disk);
        LogMerge merge = on.log.beginMerge(on.log.sealedSegments(5).subList(0, 1));
        merge.rewrite(
                (bytes, at, from, to) ->
                        RecordFormat.sequence(bytes, at) == 2 ? LogMerge.Decision.DROPPED : LogMerge.Decision.KEPT,
                bytes -> {});
        merge.publish(on.log.durableEnd());
        assertThat(FormatsPage.block("merged")).isEqualTo(HexDump.of(disk.bytesOf(MERGED)));
    }

    @Test
    void theEngineReadsTheDocumentedBytes() throws IOException {
        FaultyDisk disk = new FaultyDisk(1);
        byte[] newer = written(disk).disk.bytesOf(segment(5));
        LogOnDisk on = LogOnDisk.open(
                FaultyDisk.holding(Map.of(MERGED, HexDump.parse(FormatsPage.block("merged")), segment(5), newer)),
                200,
                0);
        assertThat(on.texts()).containsExactly("3@5 PUT b=2", "4@5 TOMBSTONE hello=", "5@5 PUT c=3");
        assertThat(on.log.epochs().starts()).containsExactly(new EpochHistory.Start(5, 1));
    }

    /// The documented segment and a newer one.
    private static LogOnDisk written(FaultyDisk disk) throws IOException {
        disk.plant(segment(1), HexDump.parse(FormatsPage.block("segment")));
        LogOnDisk on = LogOnDisk.open(disk, 200, 0);
        on.put("c", "3");
        on.sync();
        return on;
    }
}
