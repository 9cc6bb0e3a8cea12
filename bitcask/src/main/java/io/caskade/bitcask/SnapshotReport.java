package io.caskade.bitcask;

/// What a snapshot contains.
///
/// @param end the sequence of its last record
/// @param linkedFiles how many files it shares with the store
/// @param copiedBytes how many bytes were copied
public record SnapshotReport(long end, int linkedFiles, long copiedBytes) {}
