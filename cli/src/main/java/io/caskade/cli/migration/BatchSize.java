package io.caskade.cli.migration;

/// How much of a store is read at a time.
///
/// @param keys at most so many
/// @param bytes about so many bytes of values; one value may be larger
record BatchSize(int keys, long bytes) {

    private static final int MAX_KEYS = 500;
    private static final long MAX_BYTES = 8 << 20;
    private static final int PER_SECOND = 10;

    /// What suits a rate: about ten batches a second, if that makes them small.
    ///
    /// @param rate keys a second; 0 when there is no limit
    static BatchSize forRate(int rate) {
        int keys = rate == 0 ? MAX_KEYS : Math.clamp(rate / PER_SECOND, 1, MAX_KEYS);
        return new BatchSize(keys, MAX_BYTES);
    }
}
