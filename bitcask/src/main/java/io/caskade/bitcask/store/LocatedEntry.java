package io.caskade.bitcask.store;

import io.caskade.bitcask.Entry;
import org.jspecify.annotations.Nullable;

/// A key's committed record and its location: as long as [Store#locate] returns the same, the key was not
/// written.
///
/// @param location [Location#NONE][io.caskade.bitcask.record.Location#NONE] when there is no record
/// @param entry expired or not; null when there is no record
public record LocatedEntry(long location, @Nullable Entry entry) {}
