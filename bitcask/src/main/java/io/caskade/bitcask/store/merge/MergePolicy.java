package io.caskade.bitcask.store.merge;

import io.caskade.bitcask.segment.SealedSegment;
import io.caskade.bitcask.store.index.SegmentStats;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/// Decides which segments are worth merging.
///
/// Segments without a record to keep are replaced without being read. A run of others is bounded by what is
/// read and what is written, so that each gives back its space soon.
///
/// @param deadRatio a segment is merged when at least this part of its bytes is dead, above 0 and up to 1
/// @param outputBytes the approximate maximum size of a merged segment
/// @param purgeHorizon the purge horizon, read on the writer: a tombstone beyond it is kept even if it hides
///     nothing
/// @param rewriteForTombstones whether segments are also merged so that newer segments' tombstones can be
///     dropped, which requires that they hide no older record; not worthwhile while keys are overwritten
///     constantly
/// @param order which of several segments is merged first
public record MergePolicy(
        double deadRatio, long outputBytes, LongSupplier purgeHorizon, boolean rewriteForTombstones, Order order) {

    /// Which segment is merged first.
    public enum Order {
        /// One after the other.
        OLDEST_FIRST,
        /// The one with the greatest part of dead bytes, which gives back the most space for each byte that is
        /// read and written.
        DEADEST_FIRST
    }

    /// A run reads this many times the bytes of a merged segment at most, unless a single segment has more.
    private static final int MAX_READ = 4;

    /// How many dead segments a run replaces at most.
    private static final int MAX_DEAD = 64;

    /// Checks the ranges.
    public MergePolicy {
        if (!(deadRatio > 0 && deadRatio <= 1) || outputBytes < 1) {
            throw new IllegalArgumentException("a dead ratio of " + deadRatio + ", outputs of " + outputBytes);
        }
    }

    /// The oldest segments first.
    public MergePolicy(double deadRatio, long outputBytes, LongSupplier purgeHorizon, boolean rewriteForTombstones) {
        this(deadRatio, outputBytes, purgeHorizon, rewriteForTombstones, Order.OLDEST_FIRST);
    }

    /// Adjacent segments to merge.
    ///
    /// @param bottommost whether no older record remains that the run's records hide
    /// @param left the approximate size of the output
    /// @param dead the numbers of the segments that have no record to keep
    /// @param purgedTo the last sequence of a dead segment whose tombstones only the purge horizon allows to
    ///     drop; 0 for none
    record Run(List<SealedSegment> segments, boolean bottommost, long left, Set<Integer> dead, long purgedTo) {

        /// The last sequence.
        long last() {
            return segments.getLast().last();
        }
    }

    /// The run of adjacent segments that is worth merging and comes first; empty when none is.
    ///
    /// @param full all segments that may be merged, oldest first
    /// @param after when the oldest come first, only segments after this record are considered
    Optional<Run> choose(List<SealedSegment> full, SegmentStats stats, long logTime, long after) {
        Choice choice = new Choice(full, stats, logTime);
        int chosen = choice.first(after);
        return chosen < 0 ? Optional.empty() : Optional.of(choice.runFrom(chosen));
    }

    /// The first run of adjacent segments that have no record to keep; empty when there is none.
    Optional<Run> chooseDead(List<SealedSegment> full, SegmentStats stats, long logTime) {
        Choice choice = new Choice(full, stats, logTime);
        int dead = choice.firstDead();
        return dead < 0 ? Optional.empty() : Optional.of(choice.deadRun(dead));
    }

    /// One evaluation of a log's sealed segments: each is looked at a few times, however many there are.
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

        /// The place of the oldest segment with bytes but without a record to keep; -1 for none.
        int firstDead() {
            for (int i = 0; i < full.size(); i++) {
                if (isDead(i, isBottommost(i)) && gain(i, isBottommost(i)) > 0) {
                    return i;
                }
            }
            return -1;
        }

        /// The place of the first segment worth merging; -1 for none.
        int first(long after) {
            int best = -1;
            double most = 0;
            for (int i = 0; i < full.size(); i++) {
                if (order == Order.OLDEST_FIRST && full.get(i).base() <= after) {
                    continue;
                }
                if (isWorthIt(i, isBottommost(i))) {
                    double part =
                            (double) gain(i, isBottommost(i)) / full.get(i).bytes();
                    if (order == Order.OLDEST_FIRST) {
                        return i;
                    }
                    best = part > most ? i : best;
                    most = Math.max(part, most);
                }
            }
            return best < 0 && rewriteForTombstones ? firstBlockingPurge(after) : best;
        }

        /// The run with a segment.
        Run runFrom(int chosen) {
            return isDead(chosen, isBottommost(chosen)) ? deadRun(chosen) : extend(chosen);
        }

        /// Whether no record older than a segment remains that it could hide.
        private boolean isBottommost(int i) {
            return i <= clean;
        }

        private boolean mayPurge(int i, boolean bottommost) {
            return bottommost && full.get(i).last() <= horizon;
        }

        private boolean isDead(int i, boolean bottommost) {
            return stats.isDead(full.get(i).number(), mayPurge(i, bottommost));
        }

        private long gain(int i, boolean bottommost) {
            return stats.reclaimableBytes(full.get(i), mayPurge(i, bottommost), logTime);
        }

        private boolean isWorthIt(int i, boolean bottommost) {
            long gain = gain(i, bottommost);
            return gain > 0 && gain >= deadRatio * full.get(i).bytes();
        }

        /// The first segment whose few dead records prevent the purge of newer segments' tombstones and
        /// expired records, if there are enough of these to justify rewriting everything in between.
        private int firstBlockingPurge(long after) {
            long gain = 0;
            long rewritten = 0;
            int first = -1;
            for (int i = 0; i < full.size(); i++) {
                if (isWorthIt(i, true)) {
                    gain += gain(i, true);
                } else if (gain == 0 && stats.hasDeadPuts(full.get(i).number())) {
                    rewritten += full.get(i).bytes();
                    first = first < 0 ? i : first;
                }
            }
            boolean pays = gain > 0 && gain >= deadRatio * rewritten;
            return pays && first >= 0 && full.get(first).base() > after ? first : -1;
        }

        /// Extends a dead segment to a run of adjacent ones that need not be read either: others that are
        /// dead, and what earlier runs left of such.
        Run deadRun(int chosen) {
            int first = chosen;
            while (first > 0 && chosen - first < MAX_DEAD && isDead(first - 1, isBottommost(first - 1))) {
                first--;
            }
            boolean bottommost = isBottommost(first);
            int next = chosen + 1;
            while (next < full.size() && next - first < MAX_DEAD && isDead(next, bottommost)) {
                next++;
            }
            return run(first, next, bottommost, 0);
        }

        /// Extends the run by adjacent segments that are worth merging or small, while the output fits into
        /// one segment and not much is read for it.
        private Run extend(int chosen) {
            int first = chosen;
            long left = rest(chosen, isBottommost(chosen));
            long read = full.get(chosen).bytes();
            while (first > 0
                    && isSmall(first - 1)
                    && left + full.get(first - 1).bytes() <= outputBytes
                    && read + full.get(first - 1).bytes() <= MAX_READ * outputBytes) {
                first--;
                left += full.get(first).bytes();
                read += full.get(first).bytes();
            }
            boolean bottommost = isBottommost(first);
            int next = chosen + 1;
            while (next < full.size()
                    && (isSmall(next) || isWorthIt(next, bottommost))
                    && left + rest(next, bottommost) <= outputBytes
                    && read + full.get(next).bytes() <= MAX_READ * outputBytes) {
                left += rest(next, bottommost);
                read += full.get(next).bytes();
                next++;
            }
            return run(first, next, bottommost, left);
        }

        private Run run(int first, int next, boolean bottommost, long left) {
            Set<Integer> dead = new HashSet<>();
            long purgedTo = 0;
            for (int i = first; i < next; i++) {
                if (isDead(i, bottommost)) {
                    dead.add(full.get(i).number());
                    purgedTo = stats.hasTombstones(full.get(i).number())
                            ? full.get(i).last()
                            : purgedTo;
                }
            }
            return new Run(List.copyOf(full.subList(first, next)), bottommost, left, dead, purgedTo);
        }

        private boolean isSmall(int i) {
            return full.get(i).bytes() < outputBytes / 2;
        }

        private long rest(int i, boolean bottommost) {
            return full.get(i).bytes() - gain(i, bottommost);
        }
    }
}
