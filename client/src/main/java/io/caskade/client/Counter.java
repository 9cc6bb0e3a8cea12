package io.caskade.client;

/// A counter after an increment.
///
/// @param value   the new value
/// @param version the key's new version
public record Counter(long value, long version) {}
