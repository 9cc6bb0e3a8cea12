package io.caskade.bitcask.segment;

/// The offset in a segment of the record after a sequence.
///
/// @param segment the segment's number
/// @param sequence the record before
/// @param offset where the next record begins
/// @param frameEnd where the frame that contains it ends; 0 when none does
/// @param frameLast the last sequence that this frame covers; 0 when none does
public record ReadPosition(int segment, long sequence, long offset, long frameEnd, long frameLast) {}
