package io.caskade.server.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RoleTransitionsTest {

    private static final List<Role> ROLES = List.of(
            new Role.Follower(),
            new Role.Candidate(1),
            new Role.PendingLeader(1, 1),
            new Role.Leader(1),
            new Role.Transferring(1),
            new Role.Resigned(1),
            new Role.Stopped(),
            new Role.Fenced("", true),
            new Role.Rebuilding());

    /// From the row to the column, in the order of the roles above.
    private static final List<String> TABLE = List.of(
            "-xx---xx-", //
            "x-x---xx-",
            "x--x--xx-",
            "x---x--x-",
            "x--x-xxx-",
            "x---x-xx-",
            "---------",
            "--------x",
            "x------x-");

    @Test
    void everyTransitionIsAllowedOrForbiddenAsTheTableSays() {
        for (int from = 0; from < ROLES.size(); from++) {
            for (int to = 0; to < ROLES.size(); to++) {
                assertThat(RoleTransitions.allows(ROLES.get(from), ROLES.get(to)))
                        .as("%s to %s", ROLES.get(from), ROLES.get(to))
                        .isEqualTo(TABLE.get(from).charAt(to) == 'x');
            }
        }
    }
}
