package io.caskade.server.replica;

/// The replication protocol's timeouts in milliseconds. Ticks come several times within the shortest of them.
///
/// They should be the same on all nodes, but safety does not rest on that: each lease grant says how long it
/// holds, and a leader counts it no longer than [#leaseFrom] allows.
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

    /// For how long after a heartbeat its grant is a lease: not longer than this lease, and shorter than the
    /// granter's grace by as large a part, for the drift of clocks, as this lease is shorter than this grace.
    ///
    /// @param granterGrace the granter's promise: it supports no other leader for so long
    public long leaseFrom(long granterGrace) {
        return granterGrace >= grace ? lease : granterGrace * lease / grace;
    }
}
