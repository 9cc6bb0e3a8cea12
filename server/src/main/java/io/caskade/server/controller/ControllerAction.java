package io.caskade.server.controller;

import io.caskade.server.cluster.PartitionState;

/// One action of the controller.
public sealed interface ControllerAction {

    /// Create a partition that was never written to.
    record CreatePartition(PartitionState state) implements ControllerAction {}

    /// Take one step with a partition: the next state, in place of the one under the expected version.
    record ChangePartition(Step step, PartitionState next, int expectedVersion) implements ControllerAction {}

    /// What a change of a partition is for.
    enum Step {
        /// There is no leader: a copy in sync becomes the leader.
        ELECT,
        /// The named successor cannot lead and is withdrawn.
        WITHDRAW_SUCCESSOR,
        /// A node that keeps a copy is gone or drained: another is to keep it.
        REPLACE,
        /// A node that is to keep a copy begins to.
        ADD_REPLICA,
        /// A node that is to keep no copy, and is not in sync any more, stops to.
        REMOVE_REPLICA,
        /// All copies are where they are to be.
        FINISH_MOVE,
        /// Another is to lead: the leader goes, or is not the preferred one.
        NAME_SUCCESSOR
    }
}
