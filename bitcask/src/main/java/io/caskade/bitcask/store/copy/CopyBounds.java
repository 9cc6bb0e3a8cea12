package io.caskade.bitcask.store.copy;

/// Bounds that a leader sends with records; persisted before the records are stored.
///
/// @param purgeHorizon tombstones up to this sequence may have been purged, here and elsewhere; 0 when none
/// @param completeAt the completeness point: records may be missing that later ones, up to this sequence, have
///     replaced, so the copy is complete only when its log reaches it; 0 when it always is
/// @param logTime the newest time in a committed MARK that the copy may never receive, because it was merged
///     away elsewhere, Unix milliseconds; 0 when there is none
public record CopyBounds(long purgeHorizon, long completeAt, long logTime) {

    /// No bounds.
    public static final CopyBounds NONE = new CopyBounds(0, 0, 0);

    /// Checks the ranges.
    public CopyBounds {
        if (purgeHorizon < 0 || completeAt < 0 || logTime < 0) {
            throw new IllegalArgumentException("purge horizon " + purgeHorizon + ", complete at " + completeAt
                    + ", log time " + logTime + "; none may be negative");
        }
    }
}
