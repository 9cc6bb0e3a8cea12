package io.caskade.server.admin;

import io.caskade.server.replica.FollowerStatus;
import io.caskade.server.replica.Role;
import java.util.List;

/// How one copy was at one time, as the node that keeps it knows it.
///
/// @param partition whose copy it is
/// @param copy its identity
/// @param role what it was doing
/// @param lastLogEpoch the newest epoch in its log
/// @param logEnd the last record it has
/// @param acknowledgedEnd the last record that counts as kept: it is on the disk, or need not be
/// @param highWatermark the last record known to be committed
/// @param inSync whether the partition's state, as the node knows it, names it in sync
/// @param diskFull whether it takes no values because the disk is full
/// @param problem why it neither leads nor follows; empty when it does
/// @param followers of a copy that leads: the others, by node
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
        String problem,
        List<FollowerStatus> followers) {

    /// Copies the list.
    public CopyStatus {
        followers = List.copyOf(followers);
    }
}
