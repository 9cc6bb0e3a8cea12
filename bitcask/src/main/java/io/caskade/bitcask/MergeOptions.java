package io.caskade.bitcask;

/// How a [Bitcask] reclaims the space of overwritten, deleted and expired records automatically. Immutable.
///
/// A store that merges automatically never takes more than 2.5 times the space of its live records and two
/// files: puts are slowed when merges cannot keep up with them. Without automatic merges there is no bound.
///
/// @param automatic whether merges run automatically; [Bitcask#merge] always works
/// @param deadRatio a log file is rewritten when at least this part of it is dead, 0.01 to 1. Smaller ratios
///     use less disk space and write more. A store that is mostly idle is compacted further
/// @param bytesPerSecond how much is read and written at most, both counted, while merges keep up with the
///     writer; the further they are behind, the faster they go. 0 for no limit
public record MergeOptions(boolean automatic, double deadRatio, long bytesPerSecond) {

    private static final double MIN_RATIO = 0.01;

    /// Checks the ranges.
    ///
    /// @throws IllegalArgumentException when a value is out of range
    public MergeOptions {
        if (!(deadRatio >= MIN_RATIO && deadRatio <= 1)) {
            throw new IllegalArgumentException("deadRatio is " + deadRatio + "; it must be 0.01 to 1");
        }
        if (bytesPerSecond < 0) {
            throw new IllegalArgumentException("bytesPerSecond is " + bytesPerSecond + "; it must not be negative");
        }
    }

    /// Rewrites files of which a quarter is dead, at 64 MiB per second or as fast as the writer needs it.
    public static MergeOptions defaults() {
        return new MergeOptions(true, 0.25, 64 << 20);
    }

    /// Merges only when [Bitcask#merge] is called.
    public static MergeOptions off() {
        return new MergeOptions(false, 0.25, 64 << 20);
    }
}
