package io.caskade.cli.bench;

import java.time.Duration;

/// How much load, and for how long.
///
/// @param requests how many requests are measured
/// @param duration how long it is measured at most
/// @param clients how many clients there are at a time
/// @param inFlight how many requests each has in flight
/// @param warmUp how long the load runs before it is measured
record LoadPlan(long requests, Duration duration, int clients, int inFlight, Duration warmUp) {}
