package io.caskade.bitcask.store.index;

/// A histogram of when a segment's bytes expire, reported as the times by which each further eighth of them
/// has.
///
/// Those times are late by at most an eighth of the time that was left, never early.
public final class ExpiryHistogram {

    /// The number of parts.
    static final int STEPS = 8;

    /// Remaining times are counted in classes, eight for each power of two.
    private static final int MANTISSA_BITS = 3;

    private static final int CLASSES = Long.SIZE << MANTISSA_BITS;

    private final long from;
    private final long[] bytes = new long[CLASSES];
    private long total;

    /// Starts at a time: earlier expiries count as expiring then.
    public ExpiryHistogram(long from) {
        this.from = Math.max(1, from);
    }

    /// Adds a record that expires.
    public void add(long expiresAt, int recordBytes) {
        bytes[classOf(Math.max(0, expiresAt - from))] += recordBytes;
        total += recordBytes;
    }

    private static int classOf(long left) {
        if (left < 1 << MANTISSA_BITS) {
            return (int) left;
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(left) - MANTISSA_BITS;
        return (int) ((shift << MANTISSA_BITS) + (left >>> shift));
    }

    /// The longest remaining time of a class.
    private static long lastOf(int timeClass) {
        if (timeClass < 1 << MANTISSA_BITS) {
            return timeClass;
        }
        int shift = (timeClass >> MANTISSA_BITS) - 1;
        long mantissa = (1L << MANTISSA_BITS) + (timeClass & (1 << MANTISSA_BITS) - 1);
        return ((mantissa + 1) << shift) - 1;
    }

    /// The bytes that ever expire.
    long bytes() {
        return total;
    }

    /// The time at which `part + 1` of [#STEPS] of the bytes have expired; 0 when none do.
    long part(int part) {
        if (total == 0) {
            return 0;
        }
        long sum = 0;
        int timeClass = -1;
        while (sum * STEPS < total * (part + 1)) {
            sum += bytes[++timeClass];
        }
        long left = lastOf(timeClass);
        return left > Long.MAX_VALUE - from ? Long.MAX_VALUE : from + left;
    }
}
