package io.caskade.bitcask.store;

import io.caskade.bitcask.Entry;
import org.jspecify.annotations.Nullable;

/// The result of looking a key up in memory.
public sealed interface CacheLookup {

    /// The key's committed record, expired or not; null when it has none.
    record Known(@Nullable Entry entry) implements CacheLookup {}

    /// Only the disk is sure to have the record; [Store#read] reads it without looking the key up again.
    ///
    /// @param high the upper half of the key's hash
    /// @param low the lower half
    /// @param location where the record was
    record OnDisk(long high, long low, long location) implements CacheLookup {}
}
