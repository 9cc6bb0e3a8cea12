package io.caskade.server.replica;

/// How long replicas wait for each other, in milliseconds. The same on all nodes. Replicas are told of the time
/// several times in the shortest of these.
///
/// Invariant: `lease < grace`, by more than clocks drift apart in a grace.
///
/// @param lease how long a leader may answer reads after it has sent a heartbeat that all in sync have answered
/// @param grace how long a follower hears nothing before it suspects its leader, and how long a new leader
///     waits for the leases of older ones to end
/// @param retry after this long without an answer a question is asked again
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
