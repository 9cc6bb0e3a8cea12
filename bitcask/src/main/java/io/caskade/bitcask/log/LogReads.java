package io.caskade.bitcask.log;

import io.caskade.bitcask.segment.ReadPosition;
import io.caskade.bitcask.segment.Segment;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// Begins reads of raw batches for other copies, where recent ones ended: that is where most of them go on.
final class LogReads {

    private static final int RECENT_POSITIONS = 16;

    private final LogSegments segments;

    /// Set by any thread, each at the index of its sequence.
    private final AtomicReferenceArray<@Nullable ReadPosition> recentPositions =
            new AtomicReferenceArray<>(RECENT_POSITIONS);

    LogReads(LogSegments segments) {
        this.segments = segments;
    }

    /// Begins a read of the batches after `from`, which are in the log; see [Log#beginRead]. Writer only.
    LogRead begin(long from, int maxBytes, long limit, long completeAt, long logTime) {
        Iterator<Segment> newestFirst = segments.newestFirst().iterator();
        Segment segment = newestFirst.next();
        long complete = Math.max(completeAt, segment.completeAt());
        long time = Math.max(logTime, segment.mergedTime());
        while (segment.baseSequence() > from + 1) {
            segment = newestFirst.next();
            complete = Math.max(complete, segment.completeAt());
            time = Math.max(time, segment.mergedTime());
        }
        return new LogRead(
                segment,
                startPosition(segment, from),
                from,
                maxBytes,
                limit,
                complete,
                time,
                segment == segments.newest(),
                this::remember);
    }

    private ReadPosition startPosition(Segment segment, long from) {
        ReadPosition recent = recentPositions.get(recentIndex(from));
        boolean exact = recent != null && recent.sequence() == from && recent.segment() == segment.number();
        return exact ? recent : segment.positionBefore(from);
    }

    private void remember(ReadPosition position) {
        recentPositions.set(recentIndex(position.sequence()), position);
    }

    private static int recentIndex(long sequence) {
        return (int) (sequence % RECENT_POSITIONS);
    }
}
