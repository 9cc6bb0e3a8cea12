package io.caskade.bench.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// When operations succeeded, for each of several streams of them, and how long none did. Thread-safe.
final class SuccessTimes {

    private final List<List<Long>> streams;

    SuccessTimes(int streams) {
        this.streams = IntStream.range(0, streams)
                .<List<Long>>mapToObj(_ -> new ArrayList<>())
                .toList();
    }

    /// An operation succeeded.
    ///
    /// @param nanos as `System.nanoTime()` counts
    synchronized void add(int stream, long nanos) {
        streams.get(stream).add(nanos);
    }

    /// Whether every stream had a success after a moment.
    synchronized boolean allAfter(long moment) {
        return streams.stream().allMatch(times -> times.stream().anyMatch(time -> time - moment > 0));
    }

    /// The longest time without a success in any stream that overlaps a span. A time that has not ended at
    /// the span's end counts up to there; one that had begun before it counts from its beginning.
    ///
    /// @return nanoseconds
    synchronized long longestGap(long from, long to) {
        return streams.stream()
                .mapToLong(times -> longestGap(times, from, to))
                .max()
                .orElse(0);
    }

    private static long longestGap(List<Long> times, long from, long to) {
        List<Long> sorted = times.stream().sorted((a, b) -> Long.signum(a - b)).toList();
        long last = from;
        long longest = 0;
        for (long time : sorted) {
            if (time - to >= 0) {
                break;
            }
            if (time - from > 0) {
                longest = Math.max(longest, time - last);
            }
            last = time;
        }
        return Math.max(longest, to - last);
    }
}
