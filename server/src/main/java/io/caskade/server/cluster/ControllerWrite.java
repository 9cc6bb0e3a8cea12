package io.caskade.server.cluster;

/// One change of a controller's transaction.
public sealed interface ControllerWrite {

    /// Creates a partition that must not exist yet; it is stored under version 0.
    record CreatePartition(PartitionState state) implements ControllerWrite {}

    /// Changes a partition that must still be stored under the expected version.
    record ChangePartition(PartitionState next, int expectedVersion) implements ControllerWrite {}
}
