package io.caskade.bitcask.store;

import io.caskade.bitcask.hint.HintWriter;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.log.Log;
import io.caskade.bitcask.log.LogMerge;
import io.caskade.bitcask.log.LogScrub;
import io.caskade.bitcask.log.SegmentScan;
import io.caskade.bitcask.segment.SealedSegment;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/// Begins and ends what is done with a store's sealed segments: hints, merges and scrubs. These touch only what
/// is committed.
///
/// The writer calls it.
public final class StoreMaintenance {

    private final Log log;
    private final CommittedKeydir committed;
    private final KeyHasher hasher;

    StoreMaintenance(Log log, CommittedKeydir committed, KeyHasher hasher) {
        this.log = log;
        this.committed = committed;
        this.hasher = hasher;
    }

    /// Begins the next hint, of a sealed segment whose records are all committed and synced. Run it on another
    /// thread, before the store is closed; a failure is harmless.
    public Optional<HintWriter> beginHint() {
        return log.beginHint(committed.highWatermark(), hasher);
    }

    /// As above, but leaves the newest sealed segments without hints, as long as they have together at most
    /// `maxUnhintedBytes` bytes: reading these costs an opening little, and hints take up space.
    public Optional<HintWriter> beginHint(long maxUnhintedBytes) {
        return log.beginHint(committed.highWatermark(), maxUnhintedBytes, hasher);
    }

    /// The segments that may be merged: sealed, synced and committed.
    public List<SealedSegment> mergeableSegments() {
        return log.sealedSegments(committed.highWatermark());
    }

    /// The sealed and committed segments, synced or not.
    public List<SealedSegment> sealedSegments() {
        return log.sealedSegmentsWithUnsynced(committed.highWatermark());
    }

    /// Whether a sealed and committed segment is not synced yet.
    public boolean hasUnsyncedSealed() {
        return log.hasUnsyncedSealed(committed.highWatermark());
    }

    /// Begins to rewrite a run of adjacent [#mergeableSegments]; one merge at a time.
    ///
    /// @param dead the numbers of those that have no record to keep: they are not read
    public LogMerge beginMerge(List<SealedSegment> run, Set<Integer> dead) throws IOException {
        return log.beginMerge(run, dead, committed.logTime());
    }

    /// Begins to read a whole segment on another thread.
    public SegmentScan beginScan(SealedSegment segment) {
        return log.beginScan(segment);
    }

    /// The next expiry after the log time that would free space; 0 if none; up to 1/8 of a TTL late.
    public long nextExpiry() {
        IntStream segments = IntStream.concat(
                mergeableSegments().stream().mapToInt(SealedSegment::number), log.activeSegment().stream());
        return segments.mapToLong(segment -> committed.index().stats().nextExpiry(segment, committed.logTime()))
                .filter(expiry -> expiry != 0)
                .min()
                .orElse(0);
    }

    /// Seals the active segment if it has at least `bytes` bytes and its dead ratio may be at least
    /// `deadRatio`.
    public void sealIfDeadRatioAtLeast(double deadRatio, long bytes) throws IOException {
        OptionalInt active = log.activeSegment();
        boolean worthSealing = active.isPresent()
                && log.activeBytes() >= bytes
                && committed.index().stats().deadRatio(active.getAsInt(), committed.logTime()) >= deadRatio;
        if (worthSealing) {
            log.sealActiveSegment();
        }
    }

    /// Begins the scrub of the next sealed segment after record `after`; run it on another thread, before the
    /// store is closed.
    public Optional<LogScrub> nextScrub(long after) {
        return log.nextScrub(after, committed.highWatermark());
    }

    /// A counter of the record bytes added; only differences are meaningful.
    public long addedBytes() {
        return committed.index().stats().added();
    }

    /// Adds a published merge's segment; see [Log#replaceSegments].
    public void replaceSegments(LogMerge merge) {
        log.replaceSegments(merge);
    }

    /// Takes the segments that were merged out of readers' sight; see [Log#retireReplaced].
    public void retireReplaced(LogMerge merge) {
        committed.forget(log.retireReplaced(merge));
    }
}
