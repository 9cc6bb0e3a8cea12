package io.caskade.bitcask.log;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.Options;
import io.caskade.bitcask.hint.Parallelism;
import io.caskade.bitcask.segment.SegmentFormat;

/// The layout and durability of a log.
///
/// @param partition which partition's records these are; a segment of another one is refused
/// @param segmentBytes a segment is closed before it would grow beyond this, unless a single group commit
///     does
/// @param durability when the owner of the log considers a write durable; the log itself syncs on request
/// @param reserveBytes how much of the disk a segment takes at a time, before it writes there; 0 for no more
///     than it writes
/// @param parallelism how much of an opening runs at the same time
public record LogOptions(
        int partition, long segmentBytes, Durability durability, long reserveBytes, Parallelism parallelism) {

    /// The most bytes a segment may be asked to have: offsets are 32 bits, and a group commit may come on
    /// top.
    public static final long MAX_SEGMENT_BYTES = Options.MAX_SEGMENT_BYTES;

    /// Little enough to be written with zeros within a sync, and enough for thousands of records.
    public static final long DEFAULT_RESERVE_BYTES = 1 << 20;

    /// Options with the usual reserve.
    public LogOptions(int partition, long segmentBytes, Durability durability) {
        this(partition, segmentBytes, durability, DEFAULT_RESERVE_BYTES);
    }

    /// Options with the usual parallelism.
    public LogOptions(int partition, long segmentBytes, Durability durability, long reserveBytes) {
        this(partition, segmentBytes, durability, reserveBytes, Parallelism.PROCESSORS);
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
