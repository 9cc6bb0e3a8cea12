package io.caskade.server.simulator;

import io.caskade.server.controller.Policy;
import io.caskade.server.controller.ReplicationPolicy;
import io.caskade.server.replica.Timeouts;
import java.util.List;
import java.util.random.RandomGenerator;

/// What one run is like.
///
/// @param racks how many racks the nodes stand in, 0 when they have none
/// @param askEveryMillis how often an administrator asks for something, at most
/// @param maxInFlightBytes maximum bytes of writes in flight per partition
/// @param cacheBytes how many bytes of values a copy keeps in memory
/// @param moveRate how many bytes a second a node sends to copies that are not in sync, 0 for no limit
/// @param drift how much faster or slower than another a node's clock may run, as a part of one
record SimulationOptions(
        int nodes,
        int partitions,
        Policy policy,
        int clients,
        int keys,
        long faultsMillis,
        int faultEveryMillis,
        Timeouts timeouts,
        double drift,
        long sessionTimeoutMillis,
        int coordinatorDelayMillis,
        long maxRetainedTombstones,
        int racks,
        int askEveryMillis,
        long maxInFlightBytes,
        long cacheBytes,
        long moveRate) {

    private static final Timeouts TIMING = new Timeouts(400, 600, 100, 1500, 2000);

    /// A longer lease and grace, with room for the drift of clocks too.
    static final Timeouts LONGER = new Timeouts(1400, 2100, 100, 1500, 2000);

    /// What a node may be restarted with.
    static final List<Timeouts> TIMINGS = List.of(TIMING, LONGER, new Timeouts(250, 375, 100, 1500, 2000));

    /// As fast as chrony slews a clock by default.
    private static final double FASTEST_SLEW = 1.0 / 12;

    /// Room for a write at a time, or two.
    private static final int FEW_BYTES = 200;

    private static final int MANY_BYTES = 4000;
    private static final int CACHE_BYTES = 1 << 20;
    private static final int LOW_MOVE_RATE = 4_000;
    private static final int CALM_MILLIS = 1000;
    private static final int REPLACE_AFTER_MILLIS = 2500;

    /// The run that a seed stands for.
    static SimulationOptions of(RandomGenerator random) {
        int nodes = 3 + random.nextInt(3);
        int copies = random.nextInt(6) == 0 ? 2 : nodes == 5 && random.nextInt(3) == 0 ? 5 : 3;
        int least = random.nextInt(5) == 0 ? 1 : copies / 2 + 1;
        return new SimulationOptions(
                nodes,
                1 + random.nextInt(3),
                new Policy(
                        new ReplicationPolicy(copies, least),
                        random.nextInt(3) == 0 ? 0 : REPLACE_AFTER_MILLIS,
                        random.nextBoolean(),
                        CALM_MILLIS,
                        0),
                2 + random.nextInt(3),
                2 + random.nextInt(3),
                6_000 + random.nextInt(6_000),
                150 + random.nextInt(1500),
                TIMING,
                random.nextInt(3) == 0 ? FASTEST_SLEW : 0.03,
                1500,
                1 + random.nextInt(30),
                random.nextInt(4) > 0 ? 4 : 1_000_000,
                random.nextInt(4),
                500 + random.nextInt(4000),
                random.nextInt(4) == 0 ? FEW_BYTES : MANY_BYTES,
                random.nextBoolean() ? 0 : CACHE_BYTES,
                random.nextInt(3) == 0 ? LOW_MOVE_RATE : 0);
    }
}
