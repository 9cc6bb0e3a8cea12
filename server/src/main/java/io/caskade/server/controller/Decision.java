package io.caskade.server.controller;

import io.caskade.server.cluster.PartitionState;

/// One thing the controller should do now.
public sealed interface Decision {

    /// Create a partition that nobody has written to yet.
    record CreatePartition(PartitionState state) implements Decision {}
}
