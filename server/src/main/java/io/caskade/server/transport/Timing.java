package io.caskade.server.transport;

import io.caskade.server.replica.Timeouts;

/// The times of a node that others must know.
///
/// @param timeouts the replication protocol's timeouts
/// @param heartbeatMillis how often the node, where it leads, sends heartbeats
public record Timing(Timeouts timeouts, long heartbeatMillis) {

    /// A lease holds for this many heartbeats at least: two may be late or lost, since a grant may wait for
    /// the next one.
    private static final int HEARTBEATS_PER_LEASE = 3;

    /// Whether this node can keep a lease that followers with these times grant.
    boolean mayLead(long lease, long grace) {
        return timeouts.leaseFrom(Timeouts.grant(lease, grace)) >= HEARTBEATS_PER_LEASE * heartbeatMillis;
    }

    /// Whether a leader with these times can keep a lease that this node grants.
    boolean mayFollow(long lease, long grace, long heartbeat) {
        boolean ordered = lease > 0 && grace > lease;
        return ordered && Timeouts.leaseFrom(timeouts.grant(), lease, grace) >= HEARTBEATS_PER_LEASE * heartbeat;
    }
}
