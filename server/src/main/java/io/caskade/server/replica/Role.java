package io.caskade.server.replica;

import org.jspecify.annotations.Nullable;

/// The role of a replica. [RoleTransitions] lists the allowed transitions.
public sealed interface Role {

    /// It follows a leader, knows no state yet, or no copy may lead.
    record Follower() implements Role {}

    /// It has started an election whose outcome is unknown.
    ///
    /// @param epoch the epoch it campaigns for
    record Candidate(int epoch) implements Role {}

    /// It was elected and waits for its MARK to be committed.
    ///
    /// @param epochStart the sequence of the MARK
    record PendingLeader(int epoch, long epochStart) implements Role {}

    /// It leads and serves.
    record Leader(int epoch) implements Role {}

    /// It leads, accepts no new requests, and waits for the writes in flight and for a successor with the whole
    /// log.
    record Transferring(int epoch) implements Role {}

    /// It has released its lease and asked for a successor to lead. It serves no requests any more, whatever
    /// the outcome.
    record Resigned(int epoch) implements Role {}

    /// It has stopped cleanly.
    record Stopped() implements Role {}

    /// Its copy can no longer be trusted.
    ///
    /// @param rebuildable whether an empty copy may replace it: damaged, or too far behind
    record Fenced(String reason, boolean rebuildable) implements Role {}

    /// Its copy is being set aside and replaced by an empty one.
    record Rebuilding() implements Role {}

    /// Why a client's request is refused in this role; null for a leader.
    default @Nullable Refusal refusal() {
        return switch (this) {
            case Leader _ -> null;
            case Follower _, Candidate _, Resigned _, Rebuilding _ -> Refusal.NOT_LEADER;
            case PendingLeader _, Transferring _, Stopped _ -> Refusal.NOT_SERVING;
            case Fenced _ -> Refusal.COPY_FENCED;
        };
    }
}
