package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Looks for whole MARKs among bytes that do not continue the log, to learn what had been committed before
/// they were written: a MARK behind a hole proves that the hole is damage and not a write cut short.
final class MarkSearch {

    private static final int WINDOW = 1 << 20;

    private MarkSearch() {}

    /// The greatest watermark that any whole MARK from `offset` on names, if the MARK itself comes after
    /// `sequence`; 0 when there is none. Bytes of an earlier life of the file carry smaller sequences and do
    /// not count.
    static long greatestWatermark(DiskFile file, long offset, long sequence) throws IOException {
        long greatest = 0;
        ByteBuffer window = ByteBuffer.allocate(WINDOW).order(ByteOrder.LITTLE_ENDIAN);
        long from = offset;
        while (file.read(window.clear(), from) >= RecordFormat.MARK_BYTES) {
            window.flip();
            int candidates = window.limit() - RecordFormat.MARK_BYTES + 1;
            for (int at = 0; at < candidates; at++) {
                if (isWholeMark(window, at) && RecordFormat.sequence(window, at) > sequence) {
                    greatest = Math.max(greatest, RecordFormat.markWatermark(window, at));
                }
            }
            from += candidates;
        }
        return greatest;
    }

    private static boolean isWholeMark(ByteBuffer window, int at) {
        return window.get(at + RecordFormat.KIND) == RecordKind.MARK.code()
                && RecordFormat.lengthAt(window, at) == RecordFormat.MARK_BYTES
                && RecordFormat.isIntact(window, at, RecordFormat.MARK_BYTES)
                && RecordFormat.markWatermark(window, at) < RecordFormat.sequence(window, at);
    }
}
