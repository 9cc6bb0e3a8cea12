package io.caskade.bitcask.record;

/// Where a record is, in one `long`: 25 bits for the segment's number, 31 for the record's offset, and 7 for
/// about how long it is.
///
/// Segment numbers are given in the order segments are opened or created and are never reused while the log
/// is open, so a location names one record for as long as the process lives. All locations are positive.
///
/// The length tells how many bytes a replaced record leaves behind, without reading it. Lengths are in classes,
/// four to each power of two: what [#bytes] says is off by an eighth at most.
public final class Location {

    /// No location: where the first segment's header is, no record can be.
    public static final long NONE = 0;

    /// Segments that a log may have until it is opened again: two petabytes of those with 64 MiB.
    public static final int MAX_SEGMENTS = 1 << 25;

    private static final int CLASS_BITS = 7;
    private static final int OFFSET_BITS = 31;
    private static final int SEGMENT_AT = OFFSET_BITS + CLASS_BITS;
    private static final long OFFSET_MASK = (1L << OFFSET_BITS) - 1;

    /// A class is the exponent and two bits of the mantissa of a length.
    private static final int MANTISSA_BITS = 2;

    private static final int MANTISSA_MASK = (1 << MANTISSA_BITS) - 1;

    /// No record is shorter than two to the power of this.
    private static final int MIN_EXPONENT = Integer.numberOfTrailingZeros(RecordFormat.HEADER_BYTES);

    private Location() {}

    /// The location of a record of a length, at least [RecordFormat#HEADER_BYTES].
    public static long of(int segment, long offset, int length) {
        return ofClass(segment, offset, lengthClass(length));
    }

    /// The location of a record of a length class.
    public static long ofClass(int segment, long offset, int lengthClass) {
        return (long) segment << SEGMENT_AT | offset << CLASS_BITS | lengthClass;
    }

    private static int lengthClass(int length) {
        int exponent = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(length);
        int mantissa = length >>> (exponent - MANTISSA_BITS) & MANTISSA_MASK;
        return (exponent - MIN_EXPONENT) << MANTISSA_BITS | mantissa;
    }

    /// The number of the segment it is in.
    public static int segment(long location) {
        return (int) (location >>> SEGMENT_AT);
    }

    /// About how many bytes the record has.
    public static int bytes(long location) {
        int lengthClass = lengthClass(location);
        int step = MIN_EXPONENT + (lengthClass >>> MANTISSA_BITS) - MANTISSA_BITS;
        int mantissa = (1 << MANTISSA_BITS) + (lengthClass & MANTISSA_MASK);
        return (mantissa << step) + (1 << (step - 1));
    }

    /// How many bytes the record has at most: the greatest length of its class.
    public static long maxBytes(long location) {
        int lengthClass = lengthClass(location);
        int step = MIN_EXPONENT + (lengthClass >>> MANTISSA_BITS) - MANTISSA_BITS;
        int mantissa = (1 << MANTISSA_BITS) + (lengthClass & MANTISSA_MASK);
        return ((mantissa + 1L) << step) - 1;
    }

    /// Whether a record of a length may be there.
    public static boolean isOfLength(long location, long length) {
        return length >= RecordFormat.HEADER_BYTES
                && length <= Integer.MAX_VALUE
                && lengthClass((int) length) == lengthClass(location);
    }

    /// The length class of the record.
    public static int lengthClass(long location) {
        return (int) (location & (1 << CLASS_BITS) - 1);
    }

    /// The record's offset in its segment.
    public static long offset(long location) {
        return location >>> CLASS_BITS & OFFSET_MASK;
    }
}
