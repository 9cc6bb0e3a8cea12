package io.caskade.bitcask.inspect;

import java.util.UUID;

/// The result of a restore.
///
/// @param end the last record
/// @param linkedFiles how many files the new copy shares with the snapshot
/// @param copiedBytes how many bytes it does not
/// @param id the new copy's identity
public record RestoreReport(long end, int linkedFiles, long copiedBytes, UUID id) {}
