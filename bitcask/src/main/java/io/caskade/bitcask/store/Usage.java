package io.caskade.bitcask.store;

import io.caskade.bitcask.log.FullSegment;
import io.caskade.bitcask.log.RecordKind;
import java.util.Arrays;

/// How much of each segment is still of use, by segment number. For the writer alone.
final class Usage {

    private static final int FIRST_SEGMENTS = 64;

    /// Records, and those of them the keydir points at; removals are the TOMBSTONEs and CLEARs.
    private int[] records = new int[FIRST_SEGMENTS];

    private int[] live = new int[FIRST_SEGMENTS];
    private int[] removals = new int[FIRST_SEGMENTS];

    void record(int segment, RecordKind kind) {
        reserve(segment);
        records[segment]++;
        if (kind != RecordKind.PUT) {
            removals[segment]++;
        }
    }

    void live(int segment) {
        reserve(segment);
        live[segment]++;
    }

    void removals(int segment, int count) {
        reserve(segment);
        records[segment] += count;
        removals[segment] += count;
    }

    void dead(int segment) {
        live[segment]--;
    }

    void clear() {
        Arrays.fill(live, 0);
    }

    private void reserve(int segment) {
        if (segment >= records.length) {
            int larger = Math.max(segment + 1, 2 * records.length);
            records = Arrays.copyOf(records, larger);
            live = Arrays.copyOf(live, larger);
            removals = Arrays.copyOf(removals, larger);
        }
    }

    /// About how many bytes a merge would gain, taking all records of a segment for equally long.
    ///
    /// @param removalsToo whether nothing older is left that the segment's removals could be about
    long gain(FullSegment segment, boolean removalsToo) {
        reserve(segment.number());
        int all = records[segment.number()];
        int kept = live[segment.number()] + (removalsToo ? 0 : removals[segment.number()]);
        return all == 0 ? 0 : segment.bytes() * Math.max(0, all - kept) / all;
    }
}
