package io.caskade.server.replica;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The rows of [RoleTransitions], for tests that count which of them were taken.
public final class RoleRows {

    /// One of each kind; of ways that are as short, one through an earlier role is taken.
    private static final List<Role> ROLES = List.of(
            new Role.Transferring(1),
            new Role.Fenced("", true),
            new Role.Follower(),
            new Role.Candidate(1),
            new Role.PendingLeader(1, 1),
            new Role.Leader(1),
            new Role.Resigned(1),
            new Role.Stopped(),
            new Role.Rebuilding());

    private RoleRows() {}

    /// Each row, as `Follower to Candidate`.
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

    /// The rows that lead from one role to another, none when it is the same: a step may take several. Of the
    /// ways there are the shortest.
    public static List<String> between(Role before, Role after) {
        if (before.getClass().equals(after.getClass())) {
            return List.of();
        }
        Deque<List<Role>> ways = new ArrayDeque<>(List.of(List.of(before)));
        while (!ways.isEmpty()) {
            List<Role> way = ways.removeFirst();
            if (RoleTransitions.allows(way.getLast(), after)) {
                return rows(with(way, after));
            }
            ROLES.stream()
                    .filter(role -> way.size() < ROLES.size() && RoleTransitions.allows(way.getLast(), role))
                    .forEach(role -> ways.addLast(with(way, role)));
        }
        throw new IllegalStateException("no rows lead from " + before + " to " + after);
    }

    private static List<Role> with(List<Role> way, Role next) {
        return Stream.concat(way.stream(), Stream.of(next)).toList();
    }

    private static List<String> rows(List<Role> way) {
        return IntStream.range(1, way.size())
                .mapToObj(i -> row(way.get(i - 1), way.get(i)))
                .toList();
    }

    private static String row(Role from, Role to) {
        return from.getClass().getSimpleName() + " to " + to.getClass().getSimpleName();
    }
}
