package io.caskade.bitcask.segment;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// A segment that accepts no more records, as tasks refer to it.
///
/// @param number its number in locations
/// @param base the first sequence it covers
/// @param last the last one
/// @param bytes how long it is
public record SealedSegment(int number, long base, long last, long bytes) {

    /// A log's sealed segments, oldest first, that have no record beyond `limit`.
    public static List<SealedSegment> among(Collection<Segment> segments, long limit) {
        List<SealedSegment> full = new ArrayList<>();
        Segment previous = null;
        for (Segment segment : segments) {
            long last = segment.baseSequence() - 1;
            if (previous != null && last <= limit) {
                full.add(new SealedSegment(previous.number(), previous.baseSequence(), last, previous.end()));
            }
            previous = segment;
        }
        return full;
    }
}
