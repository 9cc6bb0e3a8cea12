package io.caskade.server.partition;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.DiskReserve;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.replica.Timeouts;
import java.time.Duration;

/// The configuration of a node's copies.
///
/// @param self the node's incarnation
/// @param maxInFlightBytes maximum bytes of writes in flight per partition
/// @param deadRatio the dead ratio from which a segment is merged
/// @param segmentBytes the approximate maximum size of a merged segment
/// @param merges whether merges run by themselves; then puts are slowed when they are faster than merges
/// @param reserve the free space that puts must leave, for all partitions together
/// @param timeouts the replication protocol's timeouts
/// @param formerGrace how long a lease may hold that an earlier process of the node has granted; see
///     [GrantedGrace]
/// @param internalLimits limits that are not settings
/// @param budgets the memory that all copies share
public record CopyConfig(
        NodeIncarnation self,
        Durability durability,
        Duration syncInterval,
        long maxInFlightBytes,
        double deadRatio,
        long segmentBytes,
        boolean merges,
        DiskReserve reserve,
        Timeouts timeouts,
        long formerGrace,
        InternalLimits internalLimits,
        NodeBudgets budgets) {

    /// Sizes and times that are the same on every node; the simulator uses smaller ones.
    ///
    /// @param chunkBytes the approximate size of one append of a stream
    /// @param idleMarkMillis after this long without a write, a MARK names the last writes, so that recovery
    ///     can tell damage from a torn write
    /// @param maxRetainedTombstones a disconnected copy further behind than this may have to start empty
    /// @param openRetryMillis the delay before a failed opening is retried
    public record InternalLimits(
            int chunkBytes, long idleMarkMillis, long maxRetainedTombstones, long openRetryMillis) {

        /// The defaults.
        public static final InternalLimits DEFAULT = new InternalLimits(256 << 10, 1000, 10_000_000, 5_000);
    }

    /// With the default limits, after a process with the same timeouts, and without memory that is shared.
    public CopyConfig(
            NodeIncarnation self,
            Durability durability,
            Duration syncInterval,
            long maxInFlightBytes,
            double deadRatio,
            long segmentBytes,
            boolean merges,
            DiskReserve reserve,
            Timeouts timeouts) {
        this(
                self,
                durability,
                syncInterval,
                maxInFlightBytes,
                deadRatio,
                segmentBytes,
                merges,
                reserve,
                timeouts,
                timeouts.grace(),
                InternalLimits.DEFAULT,
                NodeBudgets.unlimited());
    }

    /// For how long a lease grant of this node may hold, or of an earlier process of it.
    public long longestGrantMillis() {
        return Math.max(formerGrace, timeouts.grant());
    }
}
