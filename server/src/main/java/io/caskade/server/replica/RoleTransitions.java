package io.caskade.server.replica;

import io.caskade.server.replica.Role.Claiming;
import io.caskade.server.replica.Role.Draining;
import io.caskade.server.replica.Role.Establishing;
import io.caskade.server.replica.Role.Fenced;
import io.caskade.server.replica.Role.Following;
import io.caskade.server.replica.Role.Rebuilding;
import io.caskade.server.replica.Role.Serving;
import io.caskade.server.replica.Role.Stopped;
import io.caskade.server.replica.Role.Yielding;

/// The one table of which role may follow which:
///
/// | from | to | when |
/// |---|---|---|
/// | Following | Claiming | the state lets this copy lead, or its leader is silent and the others agree |
/// | Following | Establishing | the state names this process in a new epoch: it was elected or handed the lead |
/// | Claiming | Establishing | the compare-and-set is known to have won |
/// | Claiming | Following | the state shows that it lost |
/// | Establishing | Serving | the watermark passes the MARK |
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
            case Following _ ->
                from instanceof Claiming
                        || from instanceof Establishing
                        || from instanceof Serving
                        || from instanceof Draining
                        || from instanceof Yielding
                        || from instanceof Rebuilding;
            case Claiming _ -> from instanceof Following;
            case Establishing _ -> from instanceof Claiming || from instanceof Following;
            case Serving _ -> from instanceof Establishing || from instanceof Draining;
            case Draining _ -> from instanceof Serving;
            case Yielding _ -> from instanceof Draining;
            case Stopped _ ->
                from instanceof Following
                        || from instanceof Claiming
                        || from instanceof Establishing
                        || from instanceof Draining
                        || from instanceof Yielding;
            case Fenced _ -> !(from instanceof Stopped) && !(from instanceof Fenced);
            case Rebuilding _ -> from instanceof Fenced;
        };
    }
}
