package io.caskade.bitcask.log;

import java.nio.ByteBuffer;

/// Whole batches as they are stored in a log, to be appended to another copy's log ([Log#appendReplicated]).
///
/// @param content the batches' bytes from position to limit, little-endian; must not be modified
/// @param from the sequence they follow
/// @param to the last sequence covered, of which the record may have been merged away; `from` when there is
///     nothing
/// @param completeAt 0 when no record of `(from, to]` is missing; otherwise a log with these records has
///     every key only if it reaches this sequence
/// @param logTime 0 when no record of `(from, to]` is missing; otherwise the newest time in a MARK that was merged
///     away, Unix milliseconds
public record RawRecords(ByteBuffer content, long from, long to, long completeAt, long logTime) {}
