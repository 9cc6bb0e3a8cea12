package io.caskade.bitcask.log;

import io.caskade.bitcask.segment.Segment;
import io.caskade.bitcask.segment.SegmentScanner;
import java.io.IOException;

/// Verifies one sealed segment: begun by the log's writer ([Log#nextScrub]), run once on any thread. A
/// concurrent merge of the segment is harmless.
public final class LogScrub {

    private final Segment segment;
    private final long last;

    LogScrub(Segment segment, long last) {
        this.segment = segment;
        this.last = last;
        segment.hold();
    }

    /// The segment's last record.
    public long last() {
        return last;
    }

    /// Verifies every record's checksum and sequence. Blocks.
    ///
    /// @throws io.caskade.bitcask.DamagedLogException when the segment's bytes are not what was written
    /// @throws IOException when the disk fails
    public void run(LogMerge.Pacer pacer) throws IOException {
        try {
            SegmentScanner scanner = SegmentScanner.of(segment);
            while (scanner.next()) {
                pacer.moved(scanner.batchBytes());
            }
            scanner.requireWhole(segment, last);
        } finally {
            segment.release();
        }
    }
}
