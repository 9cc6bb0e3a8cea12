package io.caskade.client.call;

import java.time.Duration;

/// How long calls may take.
///
/// @param request an operation, all its attempts together
/// @param attempt one attempt of an operation that is safe to repeat
public record TimeLimits(Duration request, Duration attempt) {}
