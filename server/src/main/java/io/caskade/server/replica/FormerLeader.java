package io.caskade.server.replica;

import org.jspecify.annotations.Nullable;

/// The leader whose silence made this copy claim the lead.
///
/// @param node its node, null when none is known
/// @param heardAt when this copy last heard it, or began to listen
record FormerLeader(@Nullable String node, ClockReading heardAt) {

    /// None was found silent: this copy was given the lead, and the former leader may be well.
    static final FormerLeader NONE = new FormerLeader(null, ClockReading.NEVER);

    /// From when on the silence of a node counts for its new leader: the former leader's from its last
    /// heartbeat, so that one that has died holds up the partition no longer than its lease, any other's from
    /// the election.
    ClockReading silentSince(String other, ClockReading election) {
        return other.equals(node) ? heardAt : election;
    }
}
