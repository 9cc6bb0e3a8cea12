package io.caskade.bitcask.log;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.Options;
import io.caskade.bitcask.hint.Parallelism;
import io.caskade.bitcask.segment.SegmentFormat;

/// The layout and durability of a log.
///
/// @param partition the log's partition; segments of another one are refused
/// @param segmentBytes a segment is closed before it would grow beyond this, unless a single group commit
///     does
/// @param durability when the owner of the log considers a write durable; the log itself syncs on request
/// @param reserveBytes how many bytes a segment preallocates at a time; 0 for none
/// @param parallelism how parallel an opening runs
public record LogOptions(
        int partition, long segmentBytes, Durability durability, long reserveBytes, Parallelism parallelism) {

    /// The maximum of `segmentBytes`: offsets are 32 bits, and a group commit may come on top.
    public static final long MAX_SEGMENT_BYTES = Options.MAX_SEGMENT_BYTES;

    /// Small enough to be written with zeros within a sync, and enough for thousands of records.
    public static final long DEFAULT_RESERVE_BYTES = 1 << 20;

    /// Options with the default preallocation.
    public LogOptions(int partition, long segmentBytes, Durability durability) {
        this(partition, segmentBytes, durability, DEFAULT_RESERVE_BYTES);
    }

    /// Options with the default parallelism.
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
