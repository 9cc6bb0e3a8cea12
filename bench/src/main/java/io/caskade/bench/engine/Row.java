package io.caskade.bench.engine;

import org.jspecify.annotations.Nullable;

/// One figure of one engine, or why there is none. Immutable.
///
/// @param value null when the engine has none
/// @param absent why the value is null; empty otherwise
record Row(String workload, String engine, @Nullable Double value, String unit, String absent) {}
