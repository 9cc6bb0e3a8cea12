package io.caskade.server.cluster;

/// What is fixed when a cluster is formed.
///
/// @param clusterId a random UUID; nodes refuse a data directory that belongs to another cluster
/// @param partitions how many partitions share the slots, 1 to 16384
public record ClusterSettings(String clusterId, int partitions) {

    private static final int SLOTS = 16_384;

    /// Refuses a cluster without an id, or with partitions that would have no slot.
    public ClusterSettings {
        Preconditions.check(!clusterId.isEmpty(), "a cluster has an id");
        Preconditions.check(partitions >= 1 && partitions <= SLOTS, "a cluster has 1 to 16384 partitions", partitions);
    }
}
