package io.caskade.bitcask.store;

import io.caskade.bitcask.log.FullSegment;
import java.util.ArrayList;
import java.util.List;

/// Which segments are worth merging.
///
/// @param deadRatio a run is merged when at least this part of its bytes is of no use, above 0 and up to 1
/// @param outputBytes about how large a merged segment may become
/// @param purgeHorizon a removal beyond this sequence is kept, though nothing older is left that it is about
public record MergePolicy(double deadRatio, long outputBytes, long purgeHorizon) {

    /// Checks the ranges.
    public MergePolicy {
        if (!(deadRatio > 0 && deadRatio <= 1) || outputBytes < 1) {
            throw new IllegalArgumentException("a dead ratio of " + deadRatio + ", outputs of " + outputBytes);
        }
    }

    /// The first run of neighbours that is worth it, oldest first; empty when none is.
    List<FullSegment> choose(List<FullSegment> full, Usage usage, long after) {
        for (int i = 0; i < full.size(); i++) {
            if (full.get(i).base() > after && isWorthIt(full.get(i), usage, i == 0)) {
                return extend(full, usage, i);
            }
        }
        return List.of();
    }

    private boolean isWorthIt(FullSegment segment, Usage usage, boolean oldest) {
        boolean purges = oldest && segment.last() <= purgeHorizon;
        long gain = usage.gain(segment, purges);
        return gain > 0 && gain >= deadRatio * segment.bytes();
    }

    /// Neighbours that are worth it too, or small, join while all that is left fits into one segment.
    private List<FullSegment> extend(List<FullSegment> full, Usage usage, int first) {
        List<FullSegment> run = new ArrayList<>();
        long left = 0;
        for (FullSegment segment : full.subList(first, full.size())) {
            boolean purges = first == 0 && segment.last() <= purgeHorizon;
            long rest = segment.bytes() - usage.gain(segment, purges);
            boolean joins = isWorthIt(segment, usage, first == 0) || segment.bytes() < outputBytes / 2;
            if (!run.isEmpty() && (!joins || left + rest > outputBytes)) {
                break;
            }
            run.add(segment);
            left += rest;
        }
        return run;
    }
}
