package io.caskade.client;

import io.caskade.api.CausalContext;

/// The result of a read.
///
/// @param value   what was read
/// @param context what the answer covers; merge it into the context of later reads that must not fall behind it
public record ReadResult<T>(T value, CausalContext context) {}
