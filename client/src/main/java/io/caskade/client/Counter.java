package io.caskade.client;

import io.caskade.api.CausalContext;

/// A counter after an increment.
///
/// @param value   the new value
/// @param version the key's new version
/// @param context what the answer covers: a causal read with it shows the new value
public record Counter(long value, long version, CausalContext context) {}
