package io.caskade.server.partition;

import io.caskade.server.cluster.Coordinator;
import io.caskade.server.loop.EventLoop;
import io.caskade.server.transport.Messenger;
import java.util.concurrent.Executor;

/// What a hosted partition depends on, apart from its disk.
///
/// @param loop the one thread that changes the partition's copy
/// @param syncs runs syncs; those of different partitions in parallel
/// @param workers runs tasks that may wait for the disk
public record Dependencies(
        EventLoop loop,
        Executor syncs,
        Executor workers,
        Coordinator coordinator,
        Messenger messenger,
        ClockSource clock,
        DriverListener listener) {

    /// Without a listener.
    public Dependencies(
            EventLoop loop,
            Executor syncs,
            Executor workers,
            Coordinator coordinator,
            Messenger messenger,
            ClockSource clock) {
        this(loop, syncs, workers, coordinator, messenger, clock, DriverListener.NONE);
    }
}
