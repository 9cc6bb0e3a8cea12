package io.caskade.server.replica;

import io.caskade.bitcask.record.EpochHistory;

/// A copy's log positions, all of them sequences. Changed by its replica alone.
///
/// Invariant: `purge horizon ≤ high watermark ≤ acknowledged end ≤ log end` and `durable end ≤ log end`. The
/// acknowledged end is the durable end, or the log end of a copy that acknowledges before its syncs. A copy
/// that is filled from a log with gaps may have a purge horizon beyond its high watermark until it is complete.
final class LogPositions {

    private final boolean syncBeforeAck;
    private EpochHistory epochs;
    private long purgeHorizon;
    private long highWatermark;
    private long durableEnd;
    private long logEnd;

    /// The completeness point: below it the copy may lack records that later ones have replaced.
    private long completeAt;

    /// The newest time in a committed MARK that may have been merged away before the copy received it.
    private long logTime;

    LogPositions(boolean syncBeforeAck, RecoveredCopy recovered) {
        this.syncBeforeAck = syncBeforeAck;
        this.epochs = recovered.epochs();
        load(recovered);
    }

    private void load(RecoveredCopy found) {
        epochs = found.epochs();
        purgeHorizon = found.purgeHorizon();
        highWatermark = found.highWatermark();
        durableEnd = found.durableEnd();
        logEnd = found.logEnd();
        completeAt = found.completeAt();
        logTime = found.logTime();
    }

    /// Resets to an empty copy.
    void reset() {
        load(RecoveredCopy.EMPTY);
    }

    EpochHistory epochs() {
        return epochs;
    }

    long purgeHorizon() {
        return purgeHorizon;
    }

    long highWatermark() {
        return highWatermark;
    }

    long durableEnd() {
        return durableEnd;
    }

    long logEnd() {
        return logEnd;
    }

    /// What this copy may acknowledge to its leader.
    long acknowledgedEnd() {
        return syncBeforeAck ? durableEnd : logEnd;
    }

    /// Whether the copy holds every key's newest record.
    boolean isComplete() {
        return acknowledgedEnd() >= completeAt;
    }

    /// Whether the copy has every key as of a sequence. Before `completeAt`, records that were the newest of
    /// their keys may have been merged away.
    boolean isCompleteAt(long sequence) {
        return isComplete() && sequence >= completeAt;
    }

    void setLogEnd(long end) {
        logEnd = end;
    }

    void setEpochs(EpochHistory now) {
        epochs = now;
    }

    void truncateTo(long last) {
        logEnd = last;
        durableEnd = Math.min(durableEnd, last);
        epochs = epochs.upTo(last);
    }

    void recordSync(long durable) {
        durableEnd = Math.max(durableEnd, Math.min(durable, logEnd));
    }

    void setHighWatermark(long sequence) {
        highWatermark = sequence;
    }

    /// Raises the bounds to those of an append, or to the leader's own.
    ///
    /// @return whether they changed
    boolean raiseBounds(Effects.Bounds bounds) {
        boolean news =
                bounds.purgeHorizon() > purgeHorizon || bounds.completeAt() > completeAt || bounds.logTime() > logTime;
        purgeHorizon = Math.max(purgeHorizon, bounds.purgeHorizon());
        completeAt = Math.max(completeAt, bounds.completeAt());
        logTime = Math.max(logTime, bounds.logTime());
        return news;
    }

    Effects.Bounds bounds() {
        return new Effects.Bounds(purgeHorizon, completeAt, logTime);
    }

    void check() {
        if (highWatermark > acknowledgedEnd() || durableEnd > logEnd) {
            throw new IllegalStateException("positions out of order: " + this);
        }
    }

    @Override
    public String toString() {
        return "purge horizon " + purgeHorizon + ", high watermark " + highWatermark + ", durable end " + durableEnd
                + ", log end " + logEnd + ", epochs " + epochs.starts();
    }
}
