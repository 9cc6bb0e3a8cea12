package io.caskade.server.cluster;

/// The outcome of a controller's transaction.
public sealed interface ControllerWriteResult {

    /// All writes were applied.
    record Done() implements ControllerWriteResult {}

    /// No write was applied: the controller epoch is over, and none of its writes will ever be applied again.
    record Deposed() implements ControllerWriteResult {}

    /// No write was applied: a version has changed.
    ///
    /// @param reason human-readable
    record Conflict(String reason) implements ControllerWriteResult {}

    /// No write was applied, and none will be before an operator has changed something.
    ///
    /// @param reason what keeps ZooKeeper from it, and what to check
    record Refused(String reason) implements ControllerWriteResult {}

    /// The answer was lost: all writes were applied, or none, or they may still be.
    ///
    /// @param reason human-readable
    record Unknown(String reason) implements ControllerWriteResult {}
}
