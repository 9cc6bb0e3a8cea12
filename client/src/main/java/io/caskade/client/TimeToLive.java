package io.caskade.client;

import java.time.Duration;
import java.util.Optional;

/// How long a record has to live.
///
/// @param remaining to the millisecond; empty when the record never expires
/// @param version   the record's version
public record TimeToLive(Optional<Duration> remaining, long version) {}
