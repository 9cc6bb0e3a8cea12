package io.caskade.bitcask.store;

import java.io.IOException;
import java.util.Optional;

/// Chooses what upkeep a store needs that nobody has asked for. For the writer alone.
///
/// While the store is written to, a segment is merged when `deadRatio` of its bytes is of no use. When next
/// to nothing was written for two seconds it is tidied: then a fiftieth is enough, and the segment that
/// records are added to is closed if that lets it be merged too.
final class AutomaticUpkeep {

    private static final double TIDY_RATIO = 0.02;

    private static final long QUIET_MILLIS = 2_000;

    /// A store to which no more was added in that time is quiet.
    private static final long QUIET_BYTES = 32 << 10;

    /// A segment smaller than this part of a full one is not closed.
    private static final int LEAST_PART = 64;

    private final Store store;
    private final double deadRatio;
    private final long segmentBytes;

    /// Where the look at all segments has come to.
    private long after;

    private long observedAt = Long.MIN_VALUE;
    private long observed;
    private boolean quiet;

    AutomaticUpkeep(Store store, double deadRatio, long segmentBytes) {
        this.store = store;
        this.deadRatio = deadRatio;
        this.segmentBytes = segmentBytes;
    }

    /// Whether next to nothing is written.
    boolean isQuiet() {
        return quiet;
    }

    /// What to do next; nothing once all segments have been looked at.
    ///
    /// @param millis of a clock that never goes back
    Optional<Upkeep> next(long millis, long purgeHorizon) throws IOException {
        observe(millis);
        if (quiet) {
            store.closeSegment(TIDY_RATIO, segmentBytes / LEAST_PART);
        }
        Optional<ExpirySurvey> survey = store.beginSurvey();
        if (survey.isPresent()) {
            return Optional.of(survey.get());
        }
        double ratio = quiet ? Math.min(TIDY_RATIO, deadRatio) : deadRatio;
        Optional<Merge> merge = store.beginMerge(new MergePolicy(ratio, segmentBytes, purgeHorizon, quiet), after);
        after = merge.map(Merge::last).orElse(0L);
        return merge.map(begun -> begun);
    }

    private void observe(long millis) {
        if (observedAt == Long.MIN_VALUE || millis - observedAt >= QUIET_MILLIS) {
            long added = store.addedBytes();
            quiet = observedAt != Long.MIN_VALUE && added - observed <= QUIET_BYTES;
            observed = added;
            observedAt = millis;
        }
    }
}
