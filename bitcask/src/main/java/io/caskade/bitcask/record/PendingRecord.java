package io.caskade.bitcask.record;

/// The newest record of a key, as far as it is written but not committed.
///
/// @param expiresAt Unix milliseconds, 0 for never
public record PendingRecord(RecordKind kind, long sequence, long expiresAt) {

    /// The version that the key will have at a time when it is committed; 0 when it will have no record.
    public long versionAt(long time) {
        boolean live = kind == RecordKind.PUT && (expiresAt == 0 || expiresAt > time);
        return live ? sequence : 0;
    }
}
