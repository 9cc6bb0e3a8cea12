package io.caskade.client;

import java.time.Duration;
import java.util.Optional;

/// How long a record that exists will.
///
/// @param remaining what is left, in milliseconds; empty when the record never expires
/// @param version   the record's version
public record TimeToLive(Optional<Duration> remaining, long version) {}
