package io.caskade.bitcask.store;

import io.caskade.bitcask.Entry;

/// What a committed record says of itself, without its value.
///
/// @param valueBytes the length of the value
/// @param version the sequence of the key's last write
/// @param expiresAt Unix milliseconds, 0 for never
public record EntryInfo(int valueBytes, long version, long expiresAt) {

    static EntryInfo of(Entry entry) {
        return new EntryInfo(entry.value().length, entry.version(), entry.expiresAt());
    }
}
