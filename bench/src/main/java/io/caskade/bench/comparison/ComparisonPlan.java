package io.caskade.bench.comparison;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// How much is compared. Immutable.
///
/// @param records of all loads
/// @param shapes of the loads on three nodes
/// @param rounds of each load; figures are medians
/// @param warmup before each measurement
/// @param time each load is measured for in a round
/// @param home the project's directory
/// @param scratch gets directories for the servers that are started; on the disk that is measured
public record ComparisonPlan(
        Records records, List<LoadShape> shapes, int rounds, Duration warmup, Duration time, Path home, Path scratch) {}
