package io.caskade.bitcask.log;

import java.io.IOException;

/// One reading of a full segment from its beginning to its end: asked for by the log's writer
/// ([Log#read(FullSegment)]), run once on any thread.
public final class SegmentReading {

    private final Segment segment;
    private final long last;

    SegmentReading(Segment segment, long last) {
        this.segment = segment;
        this.last = last;
        segment.hold();
    }

    /// Shows all records. Blocks.
    ///
    /// @param pacer may slow it down; what it throws ends the reading
    /// @throws DamagedLogException when the segment's bytes are not what was written
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
