package io.caskade.server.replica;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The rows of [RoleTransitions], for tests that count which of them were taken.
public final class RoleRows {

    /// One of each kind; where a step takes two rows and more than one role may stand between, the first here
    /// does.
    private static final List<Role> ROLES = List.of(
            new Role.Draining(1),
            new Role.Fenced("", true),
            new Role.Following(),
            new Role.Claiming(1),
            new Role.Establishing(1, 1),
            new Role.Serving(1),
            new Role.Yielding(1),
            new Role.Stopped(),
            new Role.Rebuilding());

    private RoleRows() {}

    /// Each row, as `Following to Claiming`.
    public static List<String> all() {
        List<String> rows = new ArrayList<>();
        for (Role from : ROLES) {
            for (Role to : ROLES) {
                if (RoleTransitions.allows(from, to)) {
                    rows.add(row(from, to));
                }
            }
        }
        return rows;
    }

    /// The rows that lead from one role to another, none when it is the same: a step may take several.
    public static List<String> between(Role before, Role after) {
        if (before.getClass().equals(after.getClass())) {
            return List.of();
        }
        if (RoleTransitions.allows(before, after)) {
            return List.of(row(before, after));
        }
        Optional<Role> middle = ROLES.stream()
                .filter(role -> RoleTransitions.allows(before, role) && RoleTransitions.allows(role, after))
                .findFirst();
        return middle.map(role -> List.of(row(before, role), row(role, after)))
                .orElseThrow(() -> new IllegalStateException("no two rows lead from " + before + " to " + after));
    }

    private static String row(Role from, Role to) {
        return from.getClass().getSimpleName() + " to " + to.getClass().getSimpleName();
    }
}
