package io.caskade.bitcask.log;

/// How a log is laid out and what its writes are worth.
///
/// @param partition which partition's records these are; a segment of another one is refused
/// @param segmentBytes a segment is closed before it would grow beyond this, unless a single group commit
///     does
/// @param durability what a write is worth to the one who opens the log; the log itself syncs when it is
///     asked to
/// @param reserveBytes how much of the disk a segment takes at a time, before it writes there; 0 for no more than
///     it writes
public record LogOptions(int partition, long segmentBytes, Durability durability, long reserveBytes) {

    /// The most bytes a segment may be asked to have: offsets are 32 bits, and a group commit may come on
    /// top.
    public static final long MAX_SEGMENT_BYTES = 1L << 30;

    /// Little enough to be written with zeros within a sync, and enough for thousands of records.
    public static final long DEFAULT_RESERVE_BYTES = 1 << 20;

    /// Options with the usual reserve.
    public LogOptions(int partition, long segmentBytes, Durability durability) {
        this(partition, segmentBytes, durability, DEFAULT_RESERVE_BYTES);
    }

    /// Checks the ranges.
    public LogOptions {
        if (partition < 0
                || reserveBytes < 0
                || segmentBytes <= SegmentFormat.HEADER_BYTES
                || segmentBytes > MAX_SEGMENT_BYTES) {
            throw new IllegalArgumentException("partition " + partition + ", segments of " + segmentBytes + " bytes, "
                    + reserveBytes + " reserved");
        }
    }
}
