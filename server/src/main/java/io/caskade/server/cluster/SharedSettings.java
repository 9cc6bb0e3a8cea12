package io.caskade.server.cluster;

/// The settings that all nodes of a cluster share, whatever their files say.
///
/// @param replicationFactor how many copies a partition has when it is created
/// @param minInSync its ISR size below which writes are refused
/// @param replaceAfterMillis how long a node may be absent before its replicas are reassigned; 0 for never
/// @param autoBalanceLeaders whether leadership returns to preferred replicas
/// @param moveRateBytes how much a node sends per second to copies that are not in sync; 0 for no limit
/// @param leaseMillis the replication protocol's lease
/// @param graceMillis its grace
public record SharedSettings(
        int replicationFactor,
        int minInSync,
        long replaceAfterMillis,
        boolean autoBalanceLeaders,
        long moveRateBytes,
        long leaseMillis,
        long graceMillis) {

    /// Rejects values that no cluster can work with.
    public SharedSettings {
        Preconditions.check(
                minInSync >= 1 && minInSync <= replicationFactor,
                "min-insync must be from 1 to the replication factor",
                minInSync,
                replicationFactor);
        Preconditions.check(
                replaceAfterMillis >= 0 && moveRateBytes >= 0,
                "settings must not be negative",
                replaceAfterMillis,
                moveRateBytes);
        Preconditions.check(
                leaseMillis > 0 && graceMillis > leaseMillis,
                "the grace must be longer than the lease",
                leaseMillis,
                graceMillis);
    }

    /// The same settings with another replication factor, at least `minInSync`.
    public SharedSettings withReplicationFactor(int copies) {
        return new SharedSettings(
                copies, minInSync, replaceAfterMillis, autoBalanceLeaders, moveRateBytes, leaseMillis, graceMillis);
    }
}
