package io.caskade.bitcask.keydir;

/// A key's place in the hash space: 128 bits, compared as one unsigned number.
///
/// @param high the upper 64 bits, which order scans
/// @param low the lower 64 bits
public record KeyHash(long high, long low) {}
