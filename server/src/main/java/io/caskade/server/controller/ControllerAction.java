package io.caskade.server.controller;

import io.caskade.server.cluster.PartitionState;

/// One action of the controller.
public sealed interface ControllerAction {

    /// Creates a partition.
    record CreatePartition(PartitionState state) implements ControllerAction {}

    /// Changes a partition's state, if it still has the expected version.
    record ChangePartition(Step step, PartitionState next, int expectedVersion) implements ControllerAction {}

    /// The purpose of a change.
    enum Step {
        /// There is no leader: an in-sync copy becomes the leader.
        ELECT,
        /// The successor cannot lead and is withdrawn.
        WITHDRAW_SUCCESSOR,
        /// A replica's node is lost or draining: another node replaces it in the target.
        REPLACE,
        /// A node of the target becomes a replica.
        ADD_REPLICA,
        /// A departing replica that has left the ISR is removed.
        REMOVE_REPLICA,
        /// The replicas are those of the target.
        FINISH_MOVE,
        /// A successor is named: the leader departs, or is not the preferred replica.
        NAME_SUCCESSOR
    }
}
