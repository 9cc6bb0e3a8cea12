package io.caskade.bitcask.log;

/// How a log is laid out and what its writes are worth.
///
/// @param partition which partition's records these are; a segment of another one is refused
/// @param segmentBytes a segment is closed before it would grow beyond this, unless a single group commit
///     does
/// @param durability what a write is worth to the one who opens the log; the log itself syncs when it is
///     asked to
public record LogOptions(int partition, long segmentBytes, Durability durability) {

    /// The most bytes a segment may be asked to have: offsets are 32 bits, and a group commit may come on
    /// top.
    public static final long MAX_SEGMENT_BYTES = 1L << 30;

    /// Checks the ranges.
    public LogOptions {
        if (partition < 0 || segmentBytes <= SegmentFormat.HEADER_BYTES || segmentBytes > MAX_SEGMENT_BYTES) {
            throw new IllegalArgumentException("partition " + partition + ", segments of " + segmentBytes + " bytes");
        }
    }
}
