package io.caskade.server.simulator;

import io.caskade.server.replica.ClockReading;

/// The two clocks of a machine, which run a little too fast or too slow; one can be set, the other can stand
/// still.
final class NodeClock {

    /// Longer than any lease.
    private static final long ONE_AT_A_TIME_MILLIS = 2000;

    private static final long WALL_START = 1_700_000_000_000L;

    private final Timeline world;
    private final double rate;
    private long wallOffset;
    private long suspended;
    private long liedAt = -ONE_AT_A_TIME_MILLIS;

    /// @param rate how many milliseconds it counts in one
    NodeClock(Timeline world, double rate, long wallOffset) {
        this.world = world;
        this.rate = rate;
        this.wallOffset = wallOffset;
    }

    ClockReading now() {
        long passed = (long) (world.now() * rate);
        return new ClockReading(1_000_000 + passed - suspended, WALL_START + passed + wallOffset);
    }

    /// Whether neither clock has lied lately. One wrong clock must not deceive a replica that reads both; two
    /// at a time cannot be told (seed 1135).
    boolean mayLie() {
        return world.now() - liedAt >= ONE_AT_A_TIME_MILLIS;
    }

    /// Sets the wall clock forward, or back.
    void jump(long millis) {
        liedAt = world.now();
        wallOffset += millis;
    }

    /// The machine was suspended: only the wall clock advances.
    void suspended(long millis) {
        liedAt = world.now();
        suspended += (long) (millis * rate);
    }
}
