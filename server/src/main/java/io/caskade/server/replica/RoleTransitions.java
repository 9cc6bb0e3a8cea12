package io.caskade.server.replica;

import io.caskade.server.replica.Role.Candidate;
import io.caskade.server.replica.Role.Fenced;
import io.caskade.server.replica.Role.Follower;
import io.caskade.server.replica.Role.Leader;
import io.caskade.server.replica.Role.PendingLeader;
import io.caskade.server.replica.Role.Rebuilding;
import io.caskade.server.replica.Role.Resigned;
import io.caskade.server.replica.Role.Stopped;
import io.caskade.server.replica.Role.Transferring;

/// The table of allowed transitions:
///
/// | from | to | when |
/// |---|---|---|
/// | Follower | Candidate | the state allows this copy to lead, or its leader is silent and the pre-vote
/// succeeds |
/// | Follower | PendingLeader | the state names this process in a new epoch: it was elected, or is the successor |
/// | Candidate | PendingLeader | the compare-and-set succeeded |
/// | Candidate | Follower | the state shows that it lost the election, or its compare-and-set could not be made |
/// | PendingLeader | Leader | the high watermark passes the MARK |
/// | PendingLeader, Leader, Transferring, Resigned | Follower | the state shows a later epoch |
/// | Resigned | Follower | no successor is left |
/// | Leader | Transferring | the node shuts down, or the named successor is in sync and streaming |
/// | Leader | Transferring | the copy is damaged, or its disk full, and one that is not is in sync and streaming |
/// | Transferring | Leader | the node goes on, and the successor was withdrawn or the transfer timed out |
/// | Transferring | Resigned | no write is in flight, and a follower has the whole log |
/// | Follower, Candidate, PendingLeader | Stopped | the node shuts down, and no write is in flight |
/// | Transferring | Stopped | the node shuts down, no write is in flight, and there is no successor |
/// | Resigned | Transferring | its compare-and-set could not be made |
/// | Resigned | Stopped | another copy leads, and the node shuts down |
/// | any but Stopped | Fenced | the disk failed |
/// | Follower | Fenced | the copy is too far behind, or it is damaged and its leader's is whole |
/// | Fenced | Rebuilding | another copy is in sync |
/// | Rebuilding | Follower | the copy was replaced by an empty one |
final class RoleTransitions {

    private RoleTransitions() {}

    static boolean allows(Role from, Role to) {
        return switch (to) {
            case Follower _ ->
                from instanceof Candidate
                        || from instanceof PendingLeader
                        || from instanceof Leader
                        || from instanceof Transferring
                        || from instanceof Resigned
                        || from instanceof Rebuilding;
            case Candidate _ -> from instanceof Follower;
            case PendingLeader _ -> from instanceof Candidate || from instanceof Follower;
            case Leader _ -> from instanceof PendingLeader || from instanceof Transferring;
            case Transferring _ -> from instanceof Leader || from instanceof Resigned;
            case Resigned _ -> from instanceof Transferring;
            case Stopped _ ->
                from instanceof Follower
                        || from instanceof Candidate
                        || from instanceof PendingLeader
                        || from instanceof Transferring
                        || from instanceof Resigned;
            case Fenced _ -> !(from instanceof Stopped) && !(from instanceof Fenced);
            case Rebuilding _ -> from instanceof Fenced;
        };
    }
}
