package io.caskade.bitcask.store;

import io.caskade.bitcask.Entry;
import org.jspecify.annotations.Nullable;

/// The result of looking a key up in memory alone.
public sealed interface CacheLookup {

    /// The key's committed record, expired or not; null when it has none.
    record Known(@Nullable Entry entry) implements CacheLookup {}

    /// Only the disk has the record.
    enum OnDisk implements CacheLookup {
        /// The only one.
        ON_DISK
    }
}
