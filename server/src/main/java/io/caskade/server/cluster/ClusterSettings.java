package io.caskade.server.cluster;

/// The settings fixed when a cluster is formed.
///
/// @param clusterId a random UUID; nodes refuse a data directory that belongs to another cluster
/// @param partitions how many partitions share the slots, 1 to 16384
public record ClusterSettings(String clusterId, int partitions) {

    private static final int SLOTS = 16_384;

    /// Rejects a cluster without an id, or with partitions without slots.
    public ClusterSettings {
        Preconditions.check(!clusterId.isEmpty(), "cluster id must not be empty");
        Preconditions.check(partitions >= 1 && partitions <= SLOTS, "partitions must be from 1 to 16384", partitions);
    }
}
