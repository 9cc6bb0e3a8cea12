package io.caskade.server.replica;

/// What a replica is at a time. Which role may follow which stands in [RoleTransitions].
public sealed interface Role {

    /// It has not seen the partition's state, or somebody else leads and feeds it, or nobody may.
    record Follower() implements Role {}

    /// It has asked to become the leader and does not know the answer.
    ///
    /// @param epoch the epoch it asked for
    record Candidate(int epoch) implements Role {}

    /// It leads, and waits for its own MARK to be committed.
    ///
    /// @param mark the MARK's sequence
    record PendingLeader(int epoch, long mark) implements Role {}

    /// It leads and serves.
    record Leader(int epoch) implements Role {}

    /// It leads, takes nothing new, and waits for what is under way and for somebody who can go on.
    record Draining(int epoch) implements Role {}

    /// It has led and has asked for another to lead. It answers nothing any more, whatever becomes of that: its
    /// lease is released.
    record Resigned(int epoch) implements Role {}

    /// It has ended in order.
    record Stopped() implements Role {}

    /// Its copy can no longer be trusted.
    ///
    /// @param damaged whether another copy may be begun in its place
    record Fenced(String reason, boolean damaged) implements Role {}

    /// Its copy is being set aside, and another begun.
    record Rebuilding() implements Role {}
}
