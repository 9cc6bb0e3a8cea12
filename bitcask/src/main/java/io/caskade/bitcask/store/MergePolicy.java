package io.caskade.bitcask.store;

import io.caskade.bitcask.log.FullSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Which segments are worth merging.
///
/// @param deadRatio a segment is merged when at least this part of its bytes is of no use, above 0 and up to 1
/// @param outputBytes about how large a merged segment may become
/// @param purgeHorizon a removal beyond this sequence is kept, though nothing older is left that it is about
/// @param thorough whether segments are merged also for the sake of newer ones, whose removals can go only
///     when no older record is left that they hide; while keys are overwritten all the time that is labour in
///     vain
public record MergePolicy(double deadRatio, long outputBytes, long purgeHorizon, boolean thorough) {

    /// Checks the ranges.
    public MergePolicy {
        if (!(deadRatio > 0 && deadRatio <= 1) || outputBytes < 1) {
            throw new IllegalArgumentException("a dead ratio of " + deadRatio + ", outputs of " + outputBytes);
        }
    }

    /// Neighbours to be merged.
    ///
    /// @param hidesNothing whether no older record of any key is left that the run's records hide
    /// @param left about how many bytes will be left
    record Run(List<FullSegment> segments, boolean hidesNothing, long left) {}

    /// The first run of neighbours behind record `after` that is worth it, oldest first; nothing when none is.
    Optional<Run> choose(List<FullSegment> full, Usage usage, long logTime, long after) {
        List<FullSegment> left =
                full.stream().filter(segment -> segment.base() > after).toList();
        Choice choice = new Choice(full, usage, logTime);
        return left.stream()
                .filter(choice::isWorthIt)
                .findFirst()
                .or(() -> thorough ? choice.firstInTheWay(left) : Optional.empty())
                .map(choice::extend);
    }

    /// One look at a log's full segments.
    private final class Choice {
        private final List<FullSegment> full;
        private final Usage usage;
        private final long logTime;

        /// How many of the oldest segments have nothing that could come back.
        private final int clean;

        Choice(List<FullSegment> full, Usage usage, long logTime) {
            this.full = full;
            this.usage = usage;
            this.logTime = logTime;
            int count = 0;
            while (count < full.size() && !usage.hasDeadPuts(full.get(count).number())) {
                count++;
            }
            this.clean = count;
        }

        /// Whether nothing older than a segment is left that it could hide.
        private boolean hidesNothing(FullSegment segment) {
            return full.indexOf(segment) <= clean;
        }

        private long gain(FullSegment segment, boolean hidesNothing) {
            return usage.gain(segment, hidesNothing && segment.last() <= purgeHorizon, logTime);
        }

        private boolean isWorthIt(FullSegment segment, boolean hidesNothing) {
            long gain = gain(segment, hidesNothing);
            return gain > 0 && gain >= deadRatio * segment.bytes();
        }

        private boolean isWorthIt(FullSegment segment) {
            return isWorthIt(segment, hidesNothing(segment));
        }

        /// The first segment whose few dead records keep the removals and expired records of newer ones from
        /// being dropped, if there are enough of these to make up for rewriting all that is in their way.
        private Optional<FullSegment> firstInTheWay(List<FullSegment> left) {
            long gain = 0;
            long rewritten = 0;
            Optional<FullSegment> first = Optional.empty();
            for (FullSegment segment : full) {
                if (isWorthIt(segment, true)) {
                    gain += gain(segment, true);
                } else if (gain == 0 && usage.hasDeadPuts(segment.number())) {
                    rewritten += segment.bytes();
                    first = first.isPresent() ? first : Optional.of(segment);
                }
            }
            return gain > 0 && gain >= deadRatio * rewritten ? first.filter(left::contains) : Optional.empty();
        }

        /// Neighbours that are worth it too, or small, join while all that is left fits into one segment.
        private Run extend(FullSegment chosen) {
            int first = full.indexOf(chosen);
            long left = rest(chosen, first <= clean);
            while (first > 0
                    && isSmall(full.get(first - 1))
                    && left + full.get(first - 1).bytes() <= outputBytes) {
                left += full.get(--first).bytes();
            }
            boolean hidesNothing = first <= clean;
            int next = full.indexOf(chosen) + 1;
            while (next < full.size()
                    && (isSmall(full.get(next)) || isWorthIt(full.get(next), hidesNothing))
                    && left + rest(full.get(next), hidesNothing) <= outputBytes) {
                left += rest(full.get(next++), hidesNothing);
            }
            return new Run(new ArrayList<>(full.subList(first, next)), hidesNothing, left);
        }

        private boolean isSmall(FullSegment segment) {
            return segment.bytes() < outputBytes / 2;
        }

        private long rest(FullSegment segment, boolean hidesNothing) {
            return segment.bytes() - gain(segment, hidesNothing);
        }
    }
}
