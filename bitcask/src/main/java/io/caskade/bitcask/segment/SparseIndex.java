package io.caskade.bitcask.segment;

import java.util.Arrays;

/// A sparse index of a segment: the offset of a record every 64 KiB, from which others are found by scanning.
/// Writer only.
final class SparseIndex {

    private static final int STEP_BYTES = 64 << 10;
    private static final int FIRST_PLACES = 16;

    private long[] sequences = {};
    private long[] offsets = {};
    private int count;

    /// Adds the offset of the record after `sequence`, unless the last entry is close; both arguments only
    /// grow.
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

    /// The last known position at or before the record after `sequence`.
    ReadPosition before(Segment segment, long sequence) {
        int found = Arrays.binarySearch(sequences, 0, count, sequence);
        int at = found < 0 ? -found - 2 : found;
        return at < 0
                ? new ReadPosition(segment.number(), segment.baseSequence() - 1, segment.headerBytes(), 0, 0)
                : new ReadPosition(segment.number(), sequences[at], offsets[at], 0, 0);
    }

    /// Drops the entries of truncated records.
    void dropBehind(long offset) {
        while (count > 0 && offsets[count - 1] >= offset) {
            count--;
        }
    }
}
