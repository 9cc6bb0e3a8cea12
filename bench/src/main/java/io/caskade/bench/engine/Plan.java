package io.caskade.bench.engine;

import java.time.Duration;

/// How much is measured. Immutable.
///
/// @param name of the plan, in the report
/// @param keys in the stores that are filled, read and overwritten
/// @param reopenKeys in the stores that are opened again
/// @param memoryKeys in the stores whose memory is measured
/// @param spaceKeys in the stores that are overwritten five times
/// @param rounds of the rates; each row is their median
/// @param warmup of each rate
/// @param time each rate is measured for
/// @param latencyTime latencies are recorded for
/// @param settlePoll between two looks at whether a store still changes on the disk
/// @param large whether what only makes sense at full size is measured too
record Plan(
        String name,
        int keys,
        int reopenKeys,
        int memoryKeys,
        int spaceKeys,
        int rounds,
        Duration warmup,
        Duration time,
        Duration latencyTime,
        Duration settlePoll,
        boolean large) {

    /// The goals' sizes.
    static Plan full() {
        return new Plan(
                "full",
                1_000_000,
                10_000_000,
                2_000_000,
                1_000_000,
                3,
                Duration.ofSeconds(1),
                Duration.ofSeconds(4),
                Duration.ofSeconds(10),
                Duration.ofMillis(500),
                true);
    }

    /// About three minutes.
    static Plan quick() {
        return new Plan(
                "quick",
                400_000,
                400_000,
                1_000_000,
                100_000,
                3,
                Duration.ofMillis(150),
                Duration.ofMillis(400),
                Duration.ofSeconds(1),
                Duration.ofMillis(500),
                false);
    }

    /// So small that it measures nothing and shows that everything runs.
    static Plan smoke() {
        return new Plan(
                "smoke",
                500,
                500,
                500,
                200,
                1,
                Duration.ofMillis(1),
                Duration.ofMillis(10),
                Duration.ofMillis(10),
                Duration.ofMillis(10),
                false);
    }
}
