package io.caskade.server.controller;

import io.caskade.server.cluster.PartitionState;

/// One thing the controller should do now.
public sealed interface Decision {

    /// Create a partition that nobody has written to yet.
    record CreatePartition(PartitionState state) implements Decision {}

    /// Give a partition a leader that has none: the next state, in place of the one under the expected version.
    record ElectLeader(PartitionState next, int expectedVersion) implements Decision {}
}
