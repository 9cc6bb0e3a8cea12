package io.caskade.bitcask.store.merge;

import io.caskade.bitcask.segment.SealedSegment;
import io.caskade.bitcask.store.index.SegmentStats;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Decides which segments are worth merging.
///
/// @param deadRatio a segment is merged when at least this part of its bytes is dead, above 0 and up to 1
/// @param outputBytes the approximate maximum size of a merged segment
/// @param purgeHorizon the purge horizon, read on the writer: a tombstone beyond it is kept even if it hides
///     nothing
/// @param rewriteForTombstones whether segments are also merged so that newer segments' tombstones can be
///     dropped, which requires that they hide no older record; not worthwhile while keys are overwritten
///     constantly
public record MergePolicy(double deadRatio, long outputBytes, LongSupplier purgeHorizon, boolean rewriteForTombstones) {

    /// Checks the ranges.
    public MergePolicy {
        if (!(deadRatio > 0 && deadRatio <= 1) || outputBytes < 1) {
            throw new IllegalArgumentException("a dead ratio of " + deadRatio + ", outputs of " + outputBytes);
        }
    }

    /// Adjacent segments to merge.
    ///
    /// @param bottommost whether no older record remains that the run's records hide
    /// @param left the approximate size of the output
    record Run(List<SealedSegment> segments, boolean bottommost, long left) {}

    /// The first run of adjacent segments after record `after` that is worth merging, oldest first; empty when
    /// none is.
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

    /// One evaluation of a log's sealed segments.
    private final class Choice {
        private final List<SealedSegment> full;
        private final SegmentStats stats;
        private final long logTime;
        private final long horizon = purgeHorizon.getAsLong();

        /// How many of the oldest segments have no dead PUTs.
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

        /// Whether no record older than a segment remains that it could hide.
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

        /// The first segment whose few dead records prevent the purge of newer segments' tombstones and expired
        /// records, if there are enough of these to justify rewriting everything in between.
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

        /// Extends the run by adjacent segments that are worth merging or small, while the output fits into one
        /// segment.
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
