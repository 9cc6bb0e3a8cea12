package io.caskade.server.partition;

import io.caskade.server.replica.Effects;
import io.caskade.server.replica.Event;
import io.caskade.server.replica.Role;

/// Observes a replica's driver, synchronously on the partition's loop: for traces, and for the simulator's
/// invariants.
public interface DriverListener {

    /// Ignores everything.
    DriverListener NONE = new DriverListener() {};

    /// An event was processed; its effects are applied next.
    ///
    /// @param before the previous role
    /// @param after the current role
    default void stepped(Event event, Role before, Role after, Effects effects) {}

    /// Records up to a sequence became visible.
    default void committed(long highWatermark) {}

    /// All effects of an event were applied.
    default void idle() {}

    /// The driver failed unexpectedly and fenced the copy.
    default void failed(Throwable fault) {}
}
