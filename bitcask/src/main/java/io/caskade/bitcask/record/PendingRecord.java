package io.caskade.bitcask.record;

/// The newest record of a key, as far as it is written but not committed.
///
/// @param expiresAt Unix milliseconds, 0 for never
public record PendingRecord(RecordKind kind, long sequence, long expiresAt) {}
