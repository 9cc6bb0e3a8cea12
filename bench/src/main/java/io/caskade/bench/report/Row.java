package io.caskade.bench.report;

import org.jspecify.annotations.Nullable;

/// One figure of one system, or why there is none. Immutable.
///
/// @param workload what was measured
/// @param engine whose figure it is
/// @param value null when there is none
/// @param unit of the value
/// @param absent why the value is null; empty otherwise
public record Row(String workload, String engine, @Nullable Double value, String unit, String absent) {}
