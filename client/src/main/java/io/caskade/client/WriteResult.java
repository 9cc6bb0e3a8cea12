package io.caskade.client;

import io.caskade.api.CausalContext;

/// The result of a write.
///
/// @param applied whether it was written; false when its condition did not hold, and then nothing was
/// @param found   whether there was a record before
/// @param version the version the write gave the key; 0 when it was not applied
/// @param context what the answer covers: a causal read with it shows the write
public record WriteResult(boolean applied, boolean found, long version, CausalContext context) {}
