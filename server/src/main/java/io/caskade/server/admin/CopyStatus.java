package io.caskade.server.admin;

import io.caskade.server.replica.FollowerStatus;
import io.caskade.server.replica.Role;
import java.util.List;

/// A snapshot of a copy's status, as its node knows it.
///
/// @param partition its partition
/// @param copy its identity
/// @param role its role
/// @param lastLogEpoch the newest epoch in its log
/// @param logEnd the last record it has
/// @param acknowledgedEnd the last record acknowledged as durable, or appended when durability is not sync
/// @param highWatermark the last record known to be committed
/// @param inSync whether it is in the ISR of the newest state the node knows
/// @param diskFull whether it rejects writes because the disk is full
/// @param slowingPuts whether puts are slowed because merges cannot keep up
/// @param takenBytes the length of its files
/// @param liveBytes the length of its live records and tombstones; an eighth off at most
/// @param problem why it neither leads nor follows, or cannot change who does; empty when nothing is wrong
/// @param followers only for a leader: the other copies, by node
public record CopyStatus(
        int partition,
        String copy,
        Role role,
        int lastLogEpoch,
        long logEnd,
        long acknowledgedEnd,
        long highWatermark,
        boolean inSync,
        boolean diskFull,
        boolean slowingPuts,
        long takenBytes,
        long liveBytes,
        String problem,
        List<FollowerStatus> followers) {

    /// Of a copy that cannot be opened.
    public static CopyStatus unopened(int partition, String problem) {
        return new CopyStatus(
                partition,
                "",
                new Role.Fenced(problem, false),
                0,
                0,
                0,
                0,
                false,
                false,
                false,
                0,
                0,
                problem,
                List.of());
    }

    /// Copies the list.
    public CopyStatus {
        followers = List.copyOf(followers);
    }
}
