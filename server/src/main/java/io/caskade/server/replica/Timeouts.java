package io.caskade.server.replica;

/// The replication protocol's timeouts in milliseconds. Ticks come several times within the shortest of them.
///
/// They should be the same on all nodes, but safety does not rest on that: each lease grant says how long it
/// binds its follower, and a leader counts it no longer than [#leaseFrom] allows.
///
/// Invariant: `lease < grant <= grace`; the lease is shorter than the grant by more than clocks drift apart
/// meanwhile.
///
/// @param lease how long after sending a heartbeat that the whole maximal ISR has granted a leader may answer
///     reads
/// @param grace how long a follower waits without a heartbeat before it starts an election
/// @param retry a request without an answer is repeated after this long
/// @param lag a copy that has not caught up for this long leaves the ISR
/// @param stall a leader whose sync takes longer than this stops its heartbeats, so that another copy takes
///     over
public record Timeouts(long lease, long grace, long retry, long lag, long stall) {

    /// The defaults.
    public static final Timeouts DEFAULT = new Timeouts(350, 500, 150, 5000, 3000);

    private static final int DRIFT_PART = 5;

    /// Rejects timeouts under which two leaders could answer.
    public Timeouts {
        if (lease <= 0 || grace <= lease || retry <= 0 || lag <= 0 || stall <= 0) {
            throw new IllegalArgumentException(
                    "lease " + lease + ", grace " + grace + ", retry " + retry + ", lag " + lag + ", stall " + stall);
        }
    }

    /// For how long a follower that grants a lease supports no other leader: a fifth longer than the lease, or
    /// the grace if that is shorter. A new leader waits as long for older leases to expire, so a shorter grant
    /// means a shorter outage. The fifth is for the drift of clocks: two that chrony slews apart as fast as it
    /// does by default, by a twelfth each, drift by 18 %.
    public long grant() {
        return grant(lease, grace);
    }

    /// [#grant()] of a node with this lease and grace.
    public static long grant(long lease, long grace) {
        return Math.min(grace, lease + Math.max(1, lease / DRIFT_PART));
    }

    /// For how long after a heartbeat its grant is a lease: not longer than this lease, and shorter than the
    /// follower's grant by as large a part, for the drift of clocks, as this lease is shorter than this grant.
    ///
    /// @param granted for how long the follower supports no other leader
    public long leaseFrom(long granted) {
        return leaseFrom(granted, lease, grace);
    }

    /// [#leaseFrom(long)] for a leader with this lease and grace.
    public static long leaseFrom(long granted, long lease, long grace) {
        long grant = grant(lease, grace);
        return granted >= grant ? lease : granted * lease / grant;
    }
}
