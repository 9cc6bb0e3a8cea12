package io.caskade.bitcask.store.merge;

import io.caskade.bitcask.segment.SealedSegment;
import io.caskade.bitcask.store.index.SegmentStats;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Decides which segments are worth merging.
///
/// @param deadRatio a segment is merged when at least this part of its bytes is of no use, above 0 and up to 1
/// @param outputBytes about how large a merged segment may become
/// @param purgeHorizon tells the writer the purge horizon: a tombstone beyond it is kept, though nothing older
///     is left that it hides
/// @param rewriteForTombstones whether segments are merged also for the sake of newer ones, whose tombstones can go only
///     when no older record is left that they hide; not worth it while keys are overwritten all the time
public record MergePolicy(double deadRatio, long outputBytes, LongSupplier purgeHorizon, boolean rewriteForTombstones) {

    /// Checks the ranges.
    public MergePolicy {
        if (!(deadRatio > 0 && deadRatio <= 1) || outputBytes < 1) {
            throw new IllegalArgumentException("a dead ratio of " + deadRatio + ", outputs of " + outputBytes);
        }
    }

    /// Neighbours to be merged.
    ///
    /// @param bottommost whether no older record of any key is left that the run's records hide
    /// @param left about how many bytes will be left
    record Run(List<SealedSegment> segments, boolean bottommost, long left) {}

    /// The first run of neighbors after record `after` that is worth it, oldest first; nothing when none is.
    Optional<Run> choose(List<SealedSegment> full, SegmentStats stats, long logTime, long after) {
        List<SealedSegment> left =
                full.stream().filter(segment -> segment.base() > after).toList();
        Choice choice = new Choice(full, stats, logTime);
        return left.stream()
                .filter(choice::isWorthIt)
                .findFirst()
                .or(() -> rewriteForTombstones ? choice.firstBlockingPurge(left) : Optional.empty())
                .map(choice::extend);
    }

    /// One look at a log's sealed segments.
    private final class Choice {
        private final List<SealedSegment> full;
        private final SegmentStats stats;
        private final long logTime;
        private final long horizon = purgeHorizon.getAsLong();

        /// How many of the oldest segments have nothing that could come back.
        private final int clean;

        Choice(List<SealedSegment> full, SegmentStats stats, long logTime) {
            this.full = full;
            this.stats = stats;
            this.logTime = logTime;
            int count = 0;
            while (count < full.size() && !stats.hasDeadPuts(full.get(count).number())) {
                count++;
            }
            this.clean = count;
        }

        /// Whether nothing older than a segment is left that it could hide.
        private boolean bottommost(SealedSegment segment) {
            return full.indexOf(segment) <= clean;
        }

        private long gain(SealedSegment segment, boolean bottommost) {
            return stats.reclaimableBytes(segment, bottommost && segment.last() <= horizon, logTime);
        }

        private boolean isWorthIt(SealedSegment segment, boolean bottommost) {
            long gain = gain(segment, bottommost);
            return gain > 0 && gain >= deadRatio * segment.bytes();
        }

        private boolean isWorthIt(SealedSegment segment) {
            return isWorthIt(segment, bottommost(segment));
        }

        /// The first segment whose few dead records keep the tombstones and expired records of newer ones from
        /// being dropped, if there are enough of these to make up for rewriting all that is in their way.
        private Optional<SealedSegment> firstBlockingPurge(List<SealedSegment> left) {
            long gain = 0;
            long rewritten = 0;
            Optional<SealedSegment> first = Optional.empty();
            for (SealedSegment segment : full) {
                if (isWorthIt(segment, true)) {
                    gain += gain(segment, true);
                } else if (gain == 0 && stats.hasDeadPuts(segment.number())) {
                    rewritten += segment.bytes();
                    first = first.isPresent() ? first : Optional.of(segment);
                }
            }
            return gain > 0 && gain >= deadRatio * rewritten ? first.filter(left::contains) : Optional.empty();
        }

        /// Neighbours that are worth it too, or small, join while all that is left fits into one segment.
        private Run extend(SealedSegment chosen) {
            int first = full.indexOf(chosen);
            long left = rest(chosen, first <= clean);
            while (first > 0
                    && isSmall(full.get(first - 1))
                    && left + full.get(first - 1).bytes() <= outputBytes) {
                left += full.get(--first).bytes();
            }
            boolean bottommost = first <= clean;
            int next = full.indexOf(chosen) + 1;
            while (next < full.size()
                    && (isSmall(full.get(next)) || isWorthIt(full.get(next), bottommost))
                    && left + rest(full.get(next), bottommost) <= outputBytes) {
                left += rest(full.get(next++), bottommost);
            }
            return new Run(new ArrayList<>(full.subList(first, next)), bottommost, left);
        }

        private boolean isSmall(SealedSegment segment) {
            return segment.bytes() < outputBytes / 2;
        }

        private long rest(SealedSegment segment, boolean bottommost) {
            return segment.bytes() - gain(segment, bottommost);
        }
    }
}
