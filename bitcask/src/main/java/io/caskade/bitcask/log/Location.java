package io.caskade.bitcask.log;

/// Where a record is, in one `long`: the segment's number in the upper half, the record's offset in the
/// lower.
///
/// Segment numbers are given in the order segments are opened or created and are never reused while the log
/// is open, so a location names one record for as long as the process lives. All locations are positive.
public final class Location {

    /// No location: where the first segment's header is, no record can be.
    public static final long NONE = 0;

    private Location() {}

    static long of(int segment, long offset) {
        return (long) segment << Integer.SIZE | offset;
    }

    /// The number of the segment it is in.
    public static int segment(long location) {
        return (int) (location >>> Integer.SIZE);
    }

    static long offset(long location) {
        return location & 0xffff_ffffL;
    }
}
