package io.caskade.bitcask.store.copy;

/// Bounds that a copy was told along with records, and persists before it stores the records.
///
/// @param horizon tombstones up to this sequence may have been purged, here and elsewhere; 0 when none
/// @param completeFrom records may be missing that later ones, up to this sequence, have replaced: the copy is
///     complete only when its log reaches this sequence; 0 when it always is
public record CopyBounds(long horizon, long completeFrom) {

    /// Nothing.
    public static final CopyBounds NONE = new CopyBounds(0, 0);

    /// Checks the ranges.
    public CopyBounds {
        if (horizon < 0 || completeFrom < 0) {
            throw new IllegalArgumentException("a horizon of " + horizon + ", complete from " + completeFrom);
        }
    }
}
