package io.caskade.bitcask.log;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/// Finds, while a log is recovered, the first group commit that is not known to be on the disk.
///
/// Groups begin with MARKs, so it keeps the places of the MARKs from the last one at or before the floor on.
final class TailStart implements RecordSink {

    private record Mark(long sequence, long location) {}

    private final Deque<Mark> marks = new ArrayDeque<>();
    private long floor;

    TailStart(long persistedFloor) {
        this.floor = persistedFloor;
    }

    @Override
    public void accept(ByteBuffer bytes, int at, long location) {
        if (RecordFormat.kind(bytes, at) != RecordKind.MARK) {
            return;
        }
        floor = Math.max(floor, RecordFormat.markWatermark(bytes, at));
        marks.addLast(new Mark(RecordFormat.sequence(bytes, at), location));
        dropSettled();
    }

    private void dropSettled() {
        while (marks.size() > 1) {
            Mark first = marks.removeFirst();
            if (marks.getFirst().sequence() > floor + 1) {
                marks.addFirst(first);
                return;
            }
        }
    }

    /// Where the tail starts, or [Location#NONE] when the log has no MARK.
    long location() {
        return marks.isEmpty() ? Location.NONE : marks.getFirst().location();
    }
}
