package io.caskade.server.replica;

/// What a replica is at a time. Which role may follow which stands in [RoleTransitions].
public sealed interface Role {

    /// It has not seen the partition's state, or somebody else leads, or nobody may.
    record Following() implements Role {}

    /// It has asked to become the leader and does not know the answer.
    ///
    /// @param epoch the epoch it asked for
    record Claiming(int epoch) implements Role {}

    /// It leads, and waits for its own MARK to be committed.
    ///
    /// @param mark the MARK's sequence
    record Establishing(int epoch, long mark) implements Role {}

    /// It leads and serves.
    record Serving(int epoch) implements Role {}

    /// It leads, takes nothing new, and waits for what is under way.
    record Draining(int epoch) implements Role {}

    /// It has ended in order.
    record Stopped() implements Role {}

    /// Its copy can no longer be trusted.
    record Fenced(String reason) implements Role {}
}
