package io.caskade.server.replica;

import io.caskade.server.replica.Role.Claiming;
import io.caskade.server.replica.Role.Draining;
import io.caskade.server.replica.Role.Establishing;
import io.caskade.server.replica.Role.Fenced;
import io.caskade.server.replica.Role.Following;
import io.caskade.server.replica.Role.Serving;
import io.caskade.server.replica.Role.Stopped;

/// The one table of which role may follow which:
///
/// | from | to | when |
/// |---|---|---|
/// | Following | Claiming | the state lets this copy lead |
/// | Claiming | Establishing | the compare-and-set is known to have won |
/// | Claiming | Following | the state shows that it lost |
/// | Establishing | Serving | the watermark passes the MARK |
/// | Establishing, Serving, Draining | Following | the state shows a later epoch |
/// | Serving | Draining | the node stops |
/// | Following, Claiming, Establishing | Stopped | the node stops; nothing is under way |
/// | Draining | Stopped | nothing is under way any more |
/// | any but Stopped | Fenced | the disk failed or the copy is damaged |
final class RoleTransitions {

    private RoleTransitions() {}

    static boolean allows(Role from, Role to) {
        return switch (to) {
            case Following _ ->
                from instanceof Claiming
                        || from instanceof Establishing
                        || from instanceof Serving
                        || from instanceof Draining;
            case Claiming _ -> from instanceof Following;
            case Establishing _ -> from instanceof Claiming;
            case Serving _ -> from instanceof Establishing;
            case Draining _ -> from instanceof Serving;
            case Stopped _ ->
                from instanceof Following
                        || from instanceof Claiming
                        || from instanceof Establishing
                        || from instanceof Draining;
            case Fenced _ -> !(from instanceof Stopped) && !(from instanceof Fenced);
        };
    }
}
