package io.caskade.server.controller;

/// How the controller keeps the cluster. The same on all nodes, so that none undoes what another has done.
///
/// @param replication how many copies there are
/// @param replaceAfterMillis a node that has not been registered for so long has its copies kept by others; 0
///     for never
/// @param balanceLeaders whether partitions are led by their preferred replicas when those can
/// @param stableLeaderMillis how long a leader has led before it is asked to hand over to a preferred one
/// @param absenceMillis how long a leader's node may be gone before another is elected
public record Policy(
        ReplicationPolicy replication,
        long replaceAfterMillis,
        boolean balanceLeaders,
        long stableLeaderMillis,
        long absenceMillis) {

    /// How long nodes let a leader lead before a preferred one takes its place.
    public static final long STABLE_LEADER_MILLIS = 10_000;

    /// How long nodes let a leader's node be gone: when ZooKeeper comes back after a while, all register
    /// themselves again, one after the other.
    public static final long ABSENCE_MILLIS = 2_000;

    /// Refuses times that have passed before they begin.
    public Policy {
        if (replaceAfterMillis < 0 || stableLeaderMillis < 0 || absenceMillis < 0) {
            throw new IllegalArgumentException("replaces nodes after " + replaceAfterMillis + " ms, leaders after "
                    + stableLeaderMillis + " ms, those that are gone after " + absenceMillis + " ms");
        }
    }
}
