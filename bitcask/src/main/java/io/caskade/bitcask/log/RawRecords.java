package io.caskade.bitcask.log;

import java.nio.ByteBuffer;

/// Whole batches in their stored form, to be appended to another copy's log ([Log#appendReplicated]).
///
/// @param content the batches' bytes from position to limit, little-endian; must not be modified
/// @param from the sequence they follow
/// @param to the last sequence covered, whose record may have been merged away; `from` when there are none
/// @param completeAt 0 when no record of `(from, to]` is missing; otherwise the sequence a log with these
///     records must reach before it holds every key
/// @param logTime 0 when no record of `(from, to]` is missing; otherwise the newest time in a MARK that was
///     merged away, Unix milliseconds
public record RawRecords(ByteBuffer content, long from, long to, long completeAt, long logTime) {}
