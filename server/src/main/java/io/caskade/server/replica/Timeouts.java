package io.caskade.server.replica;

/// The replication protocol's timeouts in milliseconds; the same on all nodes. Ticks come several times within
/// the shortest of them.
///
/// Invariant: `lease < grace`, by more than clocks drift apart within a grace period.
///
/// @param lease how long after sending a heartbeat that the whole maximal ISR has granted a leader may answer
///     reads
/// @param grace how long a follower waits without a heartbeat before it starts an election; a new leader waits
///     as long for older leases to expire
/// @param retry a request without an answer is repeated after this long
/// @param lag a copy that has not caught up for this long leaves the ISR
/// @param stall a leader whose sync takes longer than this stops its heartbeats, so that another copy takes
///     over
public record Timeouts(long lease, long grace, long retry, long lag, long stall) {

    /// The defaults.
    public static final Timeouts DEFAULT = new Timeouts(350, 500, 150, 5000, 3000);

    /// Rejects timeouts under which two leaders could answer.
    public Timeouts {
        if (lease <= 0 || grace <= lease || retry <= 0 || lag <= 0 || stall <= 0) {
            throw new IllegalArgumentException(
                    "lease " + lease + ", grace " + grace + ", retry " + retry + ", lag " + lag + ", stall " + stall);
        }
    }
}
