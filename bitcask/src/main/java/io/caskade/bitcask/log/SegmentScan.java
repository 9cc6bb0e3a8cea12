package io.caskade.bitcask.log;

import io.caskade.bitcask.record.RecordSink;
import io.caskade.bitcask.segment.Segment;
import io.caskade.bitcask.segment.SegmentScanner;
import java.io.IOException;

/// Reads a sealed segment from beginning to end: begun by the log's writer ([Log#beginScan]), run once on any
/// thread.
public final class SegmentScan {

    private final Segment segment;
    private final long last;

    SegmentScan(Segment segment, long last) {
        this.segment = segment;
        this.last = last;
        segment.hold();
    }

    /// Reads all records. Blocks.
    ///
    /// @param pacer limits the rate; an exception from it ends the scan
    /// @throws io.caskade.bitcask.DamagedLogException when the segment's bytes are not what was written
    public void run(RecordSink sink, LogMerge.Pacer pacer) throws IOException {
        try {
            SegmentScanner scanner = SegmentScanner.of(segment);
            while (scanner.next()) {
                scanner.show(segment.number(), sink);
                pacer.moved(scanner.batchBytes());
            }
            scanner.requireWhole(segment, last);
        } finally {
            segment.release();
        }
    }
}
