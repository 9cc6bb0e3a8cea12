package io.caskade.bitcask.log;

import static io.caskade.bitcask.log.LogOnDisk.bytes;
import static io.caskade.bitcask.log.LogOnDisk.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.FormatsPage;
import io.caskade.bitcask.disk.FaultyDisk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The example in `docs/formats.md`.
final class DocumentedSegmentTest {

    private static final int BYTES_A_LINE = 16;

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
        assertThat(FormatsPage.block("segment")).isEqualTo(dump(disk.bytesOf(segment(1))));
    }

    @Test
    void theEngineReadsTheDocumentedBytes() throws IOException {
        FaultyDisk disk = FaultyDisk.holding(Map.of(segment(1), parse(FormatsPage.block("segment"))));
        LogOnDisk on = LogOnDisk.open(disk);
        assertThat(on.texts())
                .satisfiesExactly(
                        mark -> assertThat(mark).startsWith("1@5 MARK"),
                        first -> assertThat(first).isEqualTo("2@5 PUT hello=world"),
                        second -> assertThat(second).isEqualTo("3@5 PUT b=2"),
                        third -> assertThat(third).isEqualTo("4@5 TOMBSTONE hello="));
        var mark = on.log.read(on.shown.getFirst().location());
        assertThat(RecordFormat.markTime(mark, 0)).isEqualTo(1_700_000_000_000L);
        assertThat(RecordFormat.markWatermark(mark, 0)).isZero();
        var put = on.log.read(on.shown.get(1).location());
        assertThat(RecordFormat.expiresAt(put, 0)).isEqualTo(1_700_000_060_000L);
        assertThat(on.shown)
                .extracting(shown -> Location.offset(shown.location()))
                .containsExactly(0x20L, 0x50L, 0x7aL, 0x9cL);
    }

    /// As `hexdump -C` prints it.
    private static String dump(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (int from = 0; from < bytes.length; from += BYTES_A_LINE) {
            StringBuilder hex = new StringBuilder();
            StringBuilder characters = new StringBuilder();
            for (int at = from; at < Math.min(from + BYTES_A_LINE, bytes.length); at++) {
                hex.append(at % 8 == 0 && at > from ? "  " : " ")
                        .append(HexFormat.of().toHexDigits(bytes[at]));
                characters.append(bytes[at] >= ' ' && bytes[at] < 0x7f ? (char) bytes[at] : '.');
            }
            text.append("%08x %-49s  |%s|%n".formatted(from, hex, characters).replace(System.lineSeparator(), "\n"));
        }
        return text.toString();
    }

    private static byte[] parse(String dump) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        dump.lines()
                .map(line -> line.substring(9, line.indexOf('|')).replace(" ", ""))
                .forEach(hex -> bytes.writeBytes(HexFormat.of().parseHex(hex)));
        return bytes.toByteArray();
    }
}
