package io.caskade.server.partition;

import io.caskade.server.replica.ClockReading;

/// The two clocks of a node. Safe for use by any thread.
@FunctionalInterface
public interface ClockSource {

    /// What both show now.
    ClockReading now();
}
