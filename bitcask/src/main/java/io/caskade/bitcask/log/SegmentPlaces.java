package io.caskade.bitcask.log;

import java.util.Arrays;

/// Where in a segment the records behind some of its sequences are: a few, far enough apart that they cost
/// nothing and near enough that finding any other takes a moment. For the log's writer alone.
final class SegmentPlaces {

    private static final int STEP_BYTES = 64 << 10;
    private static final int FIRST_PLACES = 16;

    private long[] sequences = {};
    private long[] offsets = {};
    private int count;

    /// Remembers where the record behind `sequence` is, unless a place near it is known; both only grow.
    void add(long sequence, long offset) {
        if (count > 0 && offset - offsets[count - 1] < STEP_BYTES) {
            return;
        }
        if (count == sequences.length) {
            sequences = Arrays.copyOf(sequences, Math.max(FIRST_PLACES, 2 * count));
            offsets = Arrays.copyOf(offsets, Math.max(FIRST_PLACES, 2 * count));
        }
        sequences[count] = sequence;
        offsets[count] = offset;
        count++;
    }

    /// The last place that is known and not behind the record after `sequence`.
    LogRead.Place before(Segment segment, long sequence) {
        int found = Arrays.binarySearch(sequences, 0, count, sequence);
        int at = found < 0 ? -found - 2 : found;
        return at < 0
                ? new LogRead.Place(segment.number(), segment.baseSequence() - 1, segment.headerBytes(), 0, 0)
                : new LogRead.Place(segment.number(), sequences[at], offsets[at], 0, 0);
    }

    /// Forgets what was cut.
    void dropBehind(long offset) {
        while (count > 0 && offsets[count - 1] >= offset) {
            count--;
        }
    }
}
