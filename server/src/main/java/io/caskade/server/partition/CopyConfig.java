package io.caskade.server.partition;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.DiskReserve;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.replica.Timeouts;
import java.time.Duration;

/// How copies are kept on a node.
///
/// @param self the node's process
/// @param maxInFlightBytes how many bytes of writes may be on their way in a partition
/// @param deadRatio the part of a segment that must be of no use for it to be merged
/// @param segmentBytes about how large a merged segment may become
/// @param reserve what puts leave free of the disk, all partitions together
/// @param timeouts how long copies wait for each other
/// @param internalLimits what no operator sets
public record CopyConfig(
        NodeIncarnation self,
        Durability durability,
        Duration syncInterval,
        long maxInFlightBytes,
        double deadRatio,
        long segmentBytes,
        DiskReserve reserve,
        Timeouts timeouts,
        InternalLimits internalLimits) {

    /// Sizes and times that are the same on every node; a simulation has smaller ones.
    ///
    /// @param chunkBytes about so many bytes go into one append of a stream
    /// @param idleMarkMillis after this long without a write the last ones are named by a MARK, so that damage
    ///     to them is told from a torn write
    /// @param maxRetainedTombstones a copy that is further behind starts over with nothing
    /// @param openRetryMillis how long after a copy could not be opened that is tried again
    public record InternalLimits(int chunkBytes, long idleMarkMillis, long maxRetainedTombstones, long openRetryMillis) {

        /// What nodes use.
        public static final InternalLimits DEFAULT = new InternalLimits(256 << 10, 1000, 10_000_000, 5_000);
    }

    /// With the usual internalLimits.
    public CopyConfig(
            NodeIncarnation self,
            Durability durability,
            Duration syncInterval,
            long maxInFlightBytes,
            double deadRatio,
            long segmentBytes,
            DiskReserve reserve,
            Timeouts timeouts) {
        this(
                self,
                durability,
                syncInterval,
                maxInFlightBytes,
                deadRatio,
                segmentBytes,
                reserve,
                timeouts,
                InternalLimits.DEFAULT);
    }
}
