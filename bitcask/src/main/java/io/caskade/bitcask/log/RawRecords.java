package io.caskade.bitcask.log;

import java.nio.ByteBuffer;

/// Part of a log as it is kept: whole batches, not encoded anew, for another copy's log ([Log#store]).
///
/// @param content the batches' bytes from position to limit, little-endian; nobody writes to them or moves the
///     position
/// @param from the sequence they follow
/// @param to the last sequence covered, of which the record may have been merged away; `from` when there is
///     nothing
/// @param wholeFrom 0 when no record of `(from, to]` is missing; otherwise how far a log must reach that has
///     these in
///     place of all for it to have every key
public record RawRecords(ByteBuffer content, long from, long to, long wholeFrom) {}
