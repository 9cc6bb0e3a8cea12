package io.caskade.bench.comparison;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/// How much is compared. Immutable.
///
/// @param records of all loads
/// @param shapes of the loads on three nodes
/// @param rounds of each load; figures are medians
/// @param warmup before each measurement
/// @param time each load is measured for in a round
/// @param later how long after its start a cluster is warm
/// @param idleTime how long idle connections are watched
/// @param home the project's directory
/// @param scratch gets directories for the servers that are started; on the disk that is measured
public record ComparisonPlan(
        Records records,
        List<LoadShape> shapes,
        int rounds,
        Duration warmup,
        Duration time,
        Duration later,
        Duration idleTime,
        Path home,
        Path scratch) {

    private static final int WARM_TIMES = 3;

    /// What the figures of a run depend on, in a line.
    public String describe() {
        return String.format(
                Locale.ROOT,
                "%,d keys, values of %d B; medians of %d measurements of %s s, each after %s s of the same load",
                records.keys(),
                records.valueBytes(),
                rounds,
                seconds(time),
                seconds(warmup));
    }

    private static String seconds(Duration duration) {
        return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString();
    }

    /// How long each contender writes, and reads, before anything is measured.
    Duration warmTime() {
        return time.multipliedBy(WARM_TIMES);
    }
}
