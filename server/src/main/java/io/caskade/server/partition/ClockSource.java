package io.caskade.server.partition;

import io.caskade.server.replica.ClockReading;

/// The two clocks of a node. Thread-safe.
@FunctionalInterface
public interface ClockSource {

    /// Reads both clocks.
    ClockReading now();
}
