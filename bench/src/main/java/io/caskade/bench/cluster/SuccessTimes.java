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

    /// A time without a success.
    ///
    /// @param from when it began, as `System.nanoTime()` counts
    /// @param nanos how long it was
    record Gap(int stream, long from, long nanos) {}

    /// The longest time without a success in any stream that overlaps a span, as [#gaps] counts it.
    ///
    /// @return nanoseconds
    synchronized long longestGap(long from, long to) {
        return gaps(from, to, 0).stream().mapToLong(Gap::nanos).max().orElse(0);
    }

    /// The times without a success that overlap a span, of each stream in their order. One that has not ended
    /// at the span's end counts up to there; one that had begun before it counts from its beginning.
    ///
    /// @param atLeast the shortest to be listed, in nanoseconds
    synchronized List<Gap> gaps(long from, long to, long atLeast) {
        List<Gap> gaps = new ArrayList<>();
        for (int stream = 0; stream < streams.size(); stream++) {
            addGaps(stream, from, to, gaps);
        }
        gaps.removeIf(gap -> gap.nanos() < atLeast);
        return gaps;
    }

    private void addGaps(int stream, long from, long to, List<Gap> gaps) {
        List<Long> sorted = streams.get(stream).stream()
                .sorted((a, b) -> Long.signum(a - b))
                .toList();
        long last = from;
        for (long time : sorted) {
            if (time - to >= 0) {
                break;
            }
            if (time - from > 0) {
                gaps.add(new Gap(stream, last, time - last));
            }
            last = time;
        }
        gaps.add(new Gap(stream, last, to - last));
    }
}
