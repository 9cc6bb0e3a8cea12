package io.caskade.server.controller;

/// How new partitions are placed.
///
/// @param replicationFactor how many nodes keep a copy of each partition, at least 1
/// @param minInSync how many of them must be in sync for a write to be acknowledged, 1 to `replicationFactor`
public record ReplicationPolicy(int replicationFactor, int minInSync) {

    /// Rejects values that no partition can satisfy.
    public ReplicationPolicy {
        if (replicationFactor < 1 || minInSync < 1 || minInSync > replicationFactor) {
            throw new IllegalArgumentException(
                    "min-insync must be from 1 to replication-factor, found " + minInSync + " of " + replicationFactor);
        }
    }
}
