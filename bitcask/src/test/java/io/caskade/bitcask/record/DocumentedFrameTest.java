package io.caskade.bitcask.record;

import static io.caskade.bitcask.log.LogOnDisk.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.FormatsPage;
import io.caskade.bitcask.HexDump;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.log.LogOnDisk;
import io.caskade.bitcask.segment.MergedHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The example of a frame in `docs/formats.md`: the documented merged segment, as a copy has it that was
/// streamed it.
final class DocumentedFrameTest {

    private static final EpochHistory EPOCHS = new EpochHistory(List.of(new EpochHistory.Start(5, 1)));

    @Test
    void theEngineWritesTheDocumentedBytes() throws IOException {
        byte[] merged = HexDump.parse(FormatsPage.block("merged"));
        LogOnDisk streamed = LogOnDisk.open(new FaultyDisk(1), 200, 0);
        int header = MergedHeader.bytes(1);
        streamed.log.appendReplicated(
                ByteBuffer.wrap(merged, header, merged.length - header), 0, 4, EPOCHS, (bytes, at, to) -> {});
        assertThat(FormatsPage.block("span")).isEqualTo(HexDump.of(streamed.disk.bytesOf(segment(1))));
    }

    @Test
    void theEngineReadsTheDocumentedBytes() throws IOException {
        LogOnDisk streamed = LogOnDisk.open(
                FaultyDisk.holding(Map.of(segment(1), HexDump.parse(FormatsPage.block("span")))), 200, 0);
        assertThat(streamed.texts()).containsExactly("3@5 PUT b=2", "4@5 TOMBSTONE hello=");
        assertThat(streamed.log.end()).isEqualTo(4);
        assertThat(streamed.log.epochs()).isEqualTo(EPOCHS);
    }
}
