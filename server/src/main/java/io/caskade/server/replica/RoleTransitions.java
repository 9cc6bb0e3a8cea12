package io.caskade.server.replica;

import io.caskade.server.replica.Role.Candidate;
import io.caskade.server.replica.Role.Draining;
import io.caskade.server.replica.Role.Fenced;
import io.caskade.server.replica.Role.Follower;
import io.caskade.server.replica.Role.Leader;
import io.caskade.server.replica.Role.PendingLeader;
import io.caskade.server.replica.Role.Rebuilding;
import io.caskade.server.replica.Role.Resigned;
import io.caskade.server.replica.Role.Stopped;

/// The one table of which role may follow which:
///
/// | from | to | when |
/// |---|---|---|
/// | Following | Claiming | the state lets this copy lead, or its leader is silent and the others agree |
/// | Following | Establishing | the state names this process in a new epoch: it was elected or handed the lead |
/// | Claiming | Establishing | the compare-and-set is known to have won |
/// | Claiming | Following | the state shows that it lost |
/// | Establishing | Serving | the high watermark passes the MARK |
/// | Establishing, Serving, Draining, Yielding | Following | the state shows a later epoch, or nobody can take over
/// from a damaged copy |
/// | Serving | Draining | the node stops, the state names a successor that follows, or the copy is damaged and another
/// follows |
/// | Draining | Serving | the node does not stop, the copy is sound, and the successor is none any more or takes too
/// long |
/// | Draining | Yielding | nothing is under way, and a follower has all of the log |
/// | Following, Claiming, Establishing | Stopped | the node stops; nothing is under way |
/// | Draining | Stopped | nothing is under way any more, and nobody can go on |
/// | Yielding | Stopped | another leads, and the node stops |
/// | any but Stopped | Fenced | the disk failed or the copy is damaged |
/// | Fenced | Rebuilding | the copy is damaged or too far behind, and is not the only one in sync |
/// | Rebuilding | Following | the copy is another one, with nothing in it |
final class RoleTransitions {

    private RoleTransitions() {}

    static boolean allows(Role from, Role to) {
        return switch (to) {
            case Follower _ ->
                from instanceof Candidate
                        || from instanceof PendingLeader
                        || from instanceof Leader
                        || from instanceof Draining
                        || from instanceof Resigned
                        || from instanceof Rebuilding;
            case Candidate _ -> from instanceof Follower;
            case PendingLeader _ -> from instanceof Candidate || from instanceof Follower;
            case Leader _ -> from instanceof PendingLeader || from instanceof Draining;
            case Draining _ -> from instanceof Leader;
            case Resigned _ -> from instanceof Draining;
            case Stopped _ ->
                from instanceof Follower
                        || from instanceof Candidate
                        || from instanceof PendingLeader
                        || from instanceof Draining
                        || from instanceof Resigned;
            case Fenced _ -> !(from instanceof Stopped) && !(from instanceof Fenced);
            case Rebuilding _ -> from instanceof Fenced;
        };
    }
}
