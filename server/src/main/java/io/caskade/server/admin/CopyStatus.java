package io.caskade.server.admin;

import io.caskade.server.replica.FollowerStanding;
import io.caskade.server.replica.Role;
import java.util.List;

/// How one copy was at one time, as the node that keeps it knows it.
///
/// @param partition whose copy it is
/// @param copy its identity
/// @param role what it was doing
/// @param epoch the newest epoch in its log
/// @param logEnd the last record it has
/// @param heldEnd the last record that counts as kept: it is on the disk, or need not be
/// @param watermark the last record known to be committed
/// @param inSync whether the partition's state, as the node knows it, names it in sync
/// @param readOnly whether it takes no values because the disk is full
/// @param trouble why it neither leads nor follows; empty when it does
/// @param followers of a copy that leads: the others, by node
public record CopyStatus(
        int partition,
        String copy,
        Role role,
        int epoch,
        long logEnd,
        long heldEnd,
        long watermark,
        boolean inSync,
        boolean readOnly,
        String trouble,
        List<FollowerStanding> followers) {

    /// Copies the list.
    public CopyStatus {
        followers = List.copyOf(followers);
    }
}
