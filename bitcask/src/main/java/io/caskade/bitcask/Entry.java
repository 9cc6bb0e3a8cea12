package io.caskade.bitcask;

/// A committed record as readers see it. The arrays are the reader's own; the key may be the very array that
/// was asked for.
///
/// @param version the sequence of the key's last write
/// @param expiresAt Unix milliseconds, 0 for never
public record Entry(byte[] key, byte[] value, long version, long expiresAt) {

    /// Whether the entry has expired at a time, in Unix milliseconds.
    public boolean isExpiredAt(long time) {
        return expiresAt != 0 && expiresAt <= time;
    }
}
