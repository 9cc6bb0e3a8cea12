package io.caskade.bitcask;

import java.time.Duration;
import java.time.InstantSource;

/// The options of a [Bitcask]. Immutable; start from [#defaults] and change what differs.
///
/// @param durability when a write is acknowledged
/// @param syncInterval the time between syncs with [Durability#INTERVAL], at least 1 ms
/// @param segmentBytes the approximate size of a log file, 4 KiB to 1 GiB
/// @param maxValueBytes the maximum size of a value, up to 1 GiB; keys have 1 to 65535 bytes
/// @param cacheBytes the size of the value cache with its overhead, in addition to the system's page cache; 0
///     for none
/// @param maxKeydirBytes the memory that the keydir may take, 38 bytes for each key; with it, puts of new keys
///     are refused; 0 for any
/// @param diskReserveBytes the free space that puts leave for deletes and merges; 0 for none
/// @param scrubInterval the time between two background scrubs of all sealed files, at least 1 ms
/// @param scrubBytesPerSecond how fast scrubs read; 0 turns them off
/// @param merges how the space of overwritten records is reclaimed
/// @param clock the clock that decides expiry
public record Options(
        Durability durability,
        Duration syncInterval,
        long segmentBytes,
        int maxValueBytes,
        long cacheBytes,
        long maxKeydirBytes,
        long diskReserveBytes,
        Duration scrubInterval,
        long scrubBytesPerSecond,
        MergeOptions merges,
        InstantSource clock) {

    /// The largest `segmentBytes`.
    public static final long MAX_SEGMENT_BYTES = 1L << 30;

    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final int MIN_SEGMENT_BYTES = 4 * KIB;
    private static final int MAX_VALUE_BYTES = 1 << 30;

    /// Checks the ranges.
    ///
    /// @throws IllegalArgumentException when a value is out of range
    public Options {
        require(syncInterval.toMillis() >= 1, "syncInterval is " + syncInterval + "; it must be at least 1 ms");
        require(
                segmentBytes >= MIN_SEGMENT_BYTES && segmentBytes <= MAX_SEGMENT_BYTES,
                "segmentBytes is " + segmentBytes + "; it must be 4 KiB to 1 GiB");
        require(
                maxValueBytes >= 0 && maxValueBytes <= MAX_VALUE_BYTES,
                "maxValueBytes is " + maxValueBytes + "; it must be 0 to 1 GiB");
        require(scrubInterval.toMillis() >= 1, "scrubInterval is " + scrubInterval + "; it must be at least 1 ms");
        require(
                scrubBytesPerSecond >= 0,
                "scrubBytesPerSecond is " + scrubBytesPerSecond + "; it must not be negative");
        require(diskReserveBytes >= 0, "diskReserveBytes is " + diskReserveBytes + "; it must not be negative");
        require(maxKeydirBytes >= 0, "maxKeydirBytes is " + maxKeydirBytes + "; it must not be negative");
        require(cacheBytes >= 0, "cacheBytes is " + cacheBytes + "; it must not be negative");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /// Every write synced before it is acknowledged, segments of 64 MiB, values up to 16 MiB, no cache, a disk
    /// reserve of 16 MiB, a scrub of all sealed files once a day at 4 MiB per second, no bound of the keydir,
    /// the system's clock.
    public static Options defaults() {
        return new Options(
                Durability.SYNC,
                Duration.ofMillis(100),
                64 * MIB,
                16 * MIB,
                0,
                0,
                16 * MIB,
                Duration.ofDays(1),
                4 * MIB,
                MergeOptions.defaults(),
                InstantSource.system());
    }

    /// These options with another durability.
    public Options withDurability(Durability other) {
        return new Options(
                other,
                syncInterval,
                segmentBytes,
                maxValueBytes,
                cacheBytes,
                maxKeydirBytes,
                diskReserveBytes,
                scrubInterval,
                scrubBytesPerSecond,
                merges,
                clock);
    }

    /// These options with another interval between syncs.
    public Options withSyncInterval(Duration other) {
        return new Options(
                durability,
                other,
                segmentBytes,
                maxValueBytes,
                cacheBytes,
                maxKeydirBytes,
                diskReserveBytes,
                scrubInterval,
                scrubBytesPerSecond,
                merges,
                clock);
    }

    /// These options with another size of segments.
    public Options withSegmentBytes(long other) {
        return new Options(
                durability,
                syncInterval,
                other,
                maxValueBytes,
                cacheBytes,
                maxKeydirBytes,
                diskReserveBytes,
                scrubInterval,
                scrubBytesPerSecond,
                merges,
                clock);
    }

    /// These options with another limit of values.
    public Options withMaxValueBytes(int other) {
        return new Options(
                durability,
                syncInterval,
                segmentBytes,
                other,
                cacheBytes,
                maxKeydirBytes,
                diskReserveBytes,
                scrubInterval,
                scrubBytesPerSecond,
                merges,
                clock);
    }

    /// These options with another cache.
    public Options withCacheBytes(long other) {
        return new Options(
                durability,
                syncInterval,
                segmentBytes,
                maxValueBytes,
                other,
                maxKeydirBytes,
                diskReserveBytes,
                scrubInterval,
                scrubBytesPerSecond,
                merges,
                clock);
    }

    /// These options with another bound of the keydir's memory. When it is reached, puts of new keys are
    /// refused with a [KeydirFullException] as the cause; existing keys can be written and deleted.
    public Options withMaxKeydirBytes(long other) {
        return new Options(
                durability,
                syncInterval,
                segmentBytes,
                maxValueBytes,
                cacheBytes,
                other,
                diskReserveBytes,
                scrubInterval,
                scrubBytesPerSecond,
                merges,
                clock);
    }

    /// These options with another reserve: with less free space, puts are refused; deletes and merges, which
    /// free space, work until the disk is completely full.
    public Options withDiskReserve(long bytes) {
        return new Options(
                durability,
                syncInterval,
                segmentBytes,
                maxValueBytes,
                cacheBytes,
                maxKeydirBytes,
                bytes,
                scrubInterval,
                scrubBytesPerSecond,
                merges,
                clock);
    }

    /// These options with another scrub interval and rate; 0 bytes per second for no scrubs.
    public Options withScrub(Duration interval, long bytesPerSecond) {
        return new Options(
                durability,
                syncInterval,
                segmentBytes,
                maxValueBytes,
                cacheBytes,
                maxKeydirBytes,
                diskReserveBytes,
                interval,
                bytesPerSecond,
                merges,
                clock);
    }

    /// These options with other merges.
    public Options withMerges(MergeOptions other) {
        return new Options(
                durability,
                syncInterval,
                segmentBytes,
                maxValueBytes,
                cacheBytes,
                maxKeydirBytes,
                diskReserveBytes,
                scrubInterval,
                scrubBytesPerSecond,
                other,
                clock);
    }

    /// These options with another clock.
    public Options withClock(InstantSource other) {
        return new Options(
                durability,
                syncInterval,
                segmentBytes,
                maxValueBytes,
                cacheBytes,
                maxKeydirBytes,
                diskReserveBytes,
                scrubInterval,
                scrubBytesPerSecond,
                merges,
                other);
    }
}
