package io.caskade.bitcask.store;

import org.jspecify.annotations.Nullable;

/// What memory alone tells of a key.
public sealed interface InMemory {

    /// The key's committed record, expired or not; null when it has none.
    record Known(@Nullable Entry entry) implements InMemory {}

    /// The disk would have to be asked.
    enum OnDisk implements InMemory {
        /// The only one.
        ON_DISK
    }
}
