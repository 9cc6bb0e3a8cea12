package io.caskade.client;

/// A counter after an increment.
///
/// @param value   what it counts now
/// @param version the version the increment gave the key
public record Counter(long value, long version) {}
