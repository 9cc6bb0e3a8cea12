package io.caskade.bitcask.store;

/// How much disk space a store takes, and how near that is to its bound: 2.5 times what its live records need,
/// and two segments. One of these is the newest, in which nothing can be reclaimed; the other is the one that
/// a merge writes before it deletes those it replaces.
///
/// Between the target, which the ratio of merges leads to, and the bound there is room for merges that are
/// slower than the writer: first they go faster ([#mergeNeed]), then puts are slowed ([#overshoot]).
///
/// @param takenBytes the length of all files: segments with what they have preallocated, hints, a merge's
///     output
/// @param liveBytes the length of all records that a key's value is read from, and of tombstones; from the
///     classes of their lengths, so an eighth off at most
/// @param segmentBytes the maximum length of a segment
public record SpaceUse(long takenBytes, long liveBytes, long segmentBytes) {

    private static final double BOUND_RATIO = 2.5;
    private static final double BOUND_SEGMENTS = 2;

    /// Where puts begin to be slowed.
    private static final double SLOW_RATIO = 1.75;

    private static final double SLOW_SEGMENTS = 1.25;

    /// What merges at their own pace are to reach.
    private static final double MAX_TARGET_RATIO = 1.5;

    /// The bytes that the store never exceeds, as long as merges run.
    public long boundBytes() {
        return (long) (BOUND_RATIO * liveBytes + BOUND_SEGMENTS * segmentBytes);
    }

    /// How urgent merges are: 0 when the store takes no more than merges at this dead ratio leave, 1 when it
    /// takes so much that puts are slowed.
    public double mergeNeed(double deadRatio) {
        double target = Math.min(1 / (1 - Math.min(deadRatio, 0.99)), MAX_TARGET_RATIO) * liveBytes + segmentBytes;
        double slow = slowBytes();
        return Math.clamp((takenBytes - target) / (slow - target), 0, 1);
    }

    /// How far the store is from where puts begin to be slowed, at or below 0, to its bound, 1.
    public double overshoot() {
        double slow = slowBytes();
        return (takenBytes - slow) / (boundBytes() - slow);
    }

    private double slowBytes() {
        return SLOW_RATIO * liveBytes + SLOW_SEGMENTS * segmentBytes;
    }
}
