package io.caskade.bitcask.store;

/// What a copy was told of the partition's log together with records, and keeps for good before it keeps these.
///
/// @param horizon removals up to this sequence may be gone from the log, here and elsewhere; 0 when none may
/// @param wholeFrom below this sequence records may be missing that later ones up to it have replaced: the
///     copy has every
///     key only when its log reaches so far; 0 when it always has
public record CopyBounds(long horizon, long wholeFrom) {

    /// Nothing.
    public static final CopyBounds NONE = new CopyBounds(0, 0);

    /// Checks the ranges.
    public CopyBounds {
        if (horizon < 0 || wholeFrom < 0) {
            throw new IllegalArgumentException("a horizon of " + horizon + ", whole from " + wholeFrom);
        }
    }
}
