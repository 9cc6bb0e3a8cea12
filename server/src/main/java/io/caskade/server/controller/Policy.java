package io.caskade.server.controller;

import io.caskade.server.cluster.SharedSettings;
import org.jspecify.annotations.Nullable;

/// The controller's settings. The same on all nodes, so that no controller undoes what another has done: where
/// the image has shared settings, they count.
///
/// @param replication how many copies there are
/// @param replaceAfterMillis how long a node may be unregistered before its replicas are reassigned; 0 for
///     never
/// @param balanceLeaders whether leadership returns to the preferred replicas
/// @param stableLeaderMillis how long a leader leads before leadership returns to the preferred replica
/// @param absenceMillis how long a leader's node may be absent before the controller elects another
public record Policy(
        ReplicationPolicy replication,
        long replaceAfterMillis,
        boolean balanceLeaders,
        long stableLeaderMillis,
        long absenceMillis) {

    /// The default of `stableLeaderMillis`.
    public static final long STABLE_LEADER_MILLIS = 10_000;

    /// The default of `absenceMillis`: when ZooKeeper comes back after an outage, the nodes register again one
    /// after the other.
    public static final long ABSENCE_MILLIS = 2_000;

    /// Rejects negative durations.
    public Policy {
        if (replaceAfterMillis < 0 || stableLeaderMillis < 0 || absenceMillis < 0) {
            throw new IllegalArgumentException("replaces nodes after " + replaceAfterMillis + " ms, leaders after "
                    + stableLeaderMillis + " ms, those that are gone after " + absenceMillis + " ms");
        }
    }

    /// The same policy with the settings that all nodes share, where they are stored.
    Policy with(@Nullable SharedSettings shared) {
        return shared == null
                ? this
                : new Policy(
                        new ReplicationPolicy(shared.replicationFactor(), shared.minInSync()),
                        shared.replaceAfterMillis(),
                        shared.autoBalanceLeaders(),
                        stableLeaderMillis,
                        absenceMillis);
    }
}
