package io.caskade.bitcask;

/// How a [Bitcask] takes back the space of overwritten, deleted and expired records by itself. Immutable.
///
/// @param automatic whether it does so at all; [Bitcask#merge] works anyhow
/// @param deadRatio a file of the log is rewritten when at least this part of it is of no use, 0.01 to 1.
///     Smaller ratios take up less of the disk and write more. A store that is hardly written to is tidied
///     beyond that
/// @param bytesPerSecond how much is read and written at most, both counted; 0 for no limit
public record MergeOptions(boolean automatic, double deadRatio, long bytesPerSecond) {

    private static final double LEAST_RATIO = 0.01;

    /// Checks the ranges.
    ///
    /// @throws IllegalArgumentException when one is not kept
    public MergeOptions {
        if (!(deadRatio >= LEAST_RATIO && deadRatio <= 1)) {
            throw new IllegalArgumentException("deadRatio is " + deadRatio + "; it must be 0.01 to 1");
        }
        if (bytesPerSecond < 0) {
            throw new IllegalArgumentException("bytesPerSecond is " + bytesPerSecond + "; it must not be negative");
        }
    }

    /// Files are rewritten when a quarter is of no use, with 64 MiB a second.
    public static MergeOptions defaults() {
        return new MergeOptions(true, 0.25, 64 << 20);
    }

    /// Nothing is merged but by [Bitcask#merge].
    public static MergeOptions off() {
        return new MergeOptions(false, 0.25, 64 << 20);
    }
}
