package io.caskade.bitcask.recovery;

import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.LittleEndian;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordKind;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Searches bytes that do not continue the log for whole MARKs, which show what was committed: a MARK after a
/// gap proves that the gap is damage and not a torn write.
final class MarkScanner {

    private static final int WINDOW = 1 << 20;

    private MarkScanner() {}

    /// The greatest high watermark in any whole MARK from `offset` on, 0 when there is none.
    ///
    /// A MARK counts only if its sequence is possible there: after `last`, since stale bytes of the file carry
    /// smaller ones, and no further than records fit between it and `offset`, where record `first` would begin.
    /// Bytes of a value that look like a MARK rarely satisfy both.
    static long greatestHighWatermark(DiskFile file, long offset, long first, long last) throws IOException {
        long greatest = 0;
        int length = Math.clamp(file.size() - offset, 0, WINDOW);
        ByteBuffer window = LittleEndian.allocate(length);
        long from = offset;
        while (file.read(window.clear(), from) >= RecordFormat.MARK_BYTES) {
            window.flip();
            int candidates = window.limit() - RecordFormat.MARK_BYTES + 1;
            for (int at = 0; at < candidates; at++) {
                long latest = first + (from + at - offset) / RecordFormat.HEADER_BYTES;
                if (isWholeMark(window, at)
                        && RecordFormat.sequence(window, at) > last
                        && RecordFormat.sequence(window, at) <= latest) {
                    greatest = Math.max(greatest, RecordFormat.markHighWatermark(window, at));
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
                && RecordFormat.markHighWatermark(window, at) < RecordFormat.sequence(window, at);
    }
}
