package io.caskade.server.replica;

/// How long replicas wait for each other, in milliseconds; the same on all nodes. Ticks come several times
/// within the shortest of these.
///
/// Invariant: `lease < grace`, by more than clocks drift apart within a grace period.
///
/// @param lease a leader may answer reads this long after it sent a heartbeat that all in sync have answered
/// @param grace a follower suspects its leader after this long without a heartbeat, and a new leader waits this
///     long for older leases to end
/// @param retry a request without an answer is repeated after this long
/// @param lag a copy that has not caught up for this long leaves the in-sync set
/// @param stall a leader whose sync takes longer than this stops its heartbeats, so that others take over
public record Timeouts(long lease, long grace, long retry, long lag, long stall) {

    /// What nodes use.
    public static final Timeouts DEFAULT = new Timeouts(350, 500, 150, 5000, 3000);

    /// Refuses times under which two leaders could answer.
    public Timeouts {
        if (lease <= 0 || grace <= lease || retry <= 0 || lag <= 0 || stall <= 0) {
            throw new IllegalArgumentException(
                    "lease " + lease + ", grace " + grace + ", retry " + retry + ", lag " + lag + ", stall " + stall);
        }
    }
}
