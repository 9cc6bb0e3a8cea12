package io.caskade.bitcask.log;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// A segment that takes no more records.
///
/// @param number its number in locations
/// @param base the first sequence it covers
/// @param last the last one
/// @param bytes how long it is
public record FullSegment(int number, long base, long last, long bytes) {

    /// The full ones among a log's segments, oldest first, which have no record beyond `limit`.
    static List<FullSegment> among(Collection<Segment> segments, long limit) {
        List<FullSegment> full = new ArrayList<>();
        Segment previous = null;
        for (Segment segment : segments) {
            long last = segment.baseSequence() - 1;
            if (previous != null && last <= limit) {
                full.add(new FullSegment(previous.number(), previous.baseSequence(), last, previous.end()));
            }
            previous = segment;
        }
        return full;
    }
}
