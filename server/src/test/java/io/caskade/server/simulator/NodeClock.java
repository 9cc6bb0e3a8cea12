package io.caskade.server.simulator;

import io.caskade.server.replica.Moment;

/// The two clocks of a machine, which run a little too fast or too slow; one can be set, the other can stand
/// still.
final class NodeClock {

    private static final long WALL_START = 1_700_000_000_000L;

    private final Timeline world;
    private final double rate;
    private long wallOffset;
    private long suspended;

    /// @param rate how many milliseconds it counts in one
    NodeClock(Timeline world, double rate, long wallOffset) {
        this.world = world;
        this.rate = rate;
        this.wallOffset = wallOffset;
    }

    Moment now() {
        long passed = (long) (world.now() * rate);
        return new Moment(1_000_000 + passed - suspended, WALL_START + passed + wallOffset);
    }

    /// Sets the wall clock forward, or back.
    void jump(long millis) {
        wallOffset += millis;
    }

    /// The machine was suspended for so long: only the wall clock has noticed.
    void suspended(long millis) {
        suspended += (long) (millis * rate);
    }
}
