package io.caskade.server.partition;

import io.caskade.server.replica.Effects;
import io.caskade.server.replica.Event;
import io.caskade.server.replica.Role;

/// Is told what a replica's driver does, on the partition's loop and in the middle of it: for traces, and for a
/// simulator that checks what must hold.
public interface DriverListener {

    /// Listens to nothing.
    DriverListener NONE = new DriverListener() {};

    /// An event was taken in; its effects are carried out next.
    ///
    /// @param before what the replica was
    /// @param after what it is now
    default void stepped(Event event, Role before, Role after, Effects effects) {}

    /// Records up to a sequence have become visible.
    default void committed(long highWatermark) {}

    /// All that some event has brought about is carried out.
    default void idle() {}

    /// The driver has a fault and has fenced the copy.
    default void failed(Throwable fault) {}
}
