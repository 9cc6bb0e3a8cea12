package io.caskade.server.replica;

import io.caskade.bitcask.log.EpochHistory;

/// How far a copy has come. Changed by its replica alone.
///
/// Invariant: `purge horizon ≤ watermark ≤ held ≤ log end` and `durable end ≤ log end`; what is *held* ends
/// where the log is durable, or where it ends if the copy does not await its syncs. A copy that is being fed a
/// log with gaps may have a horizon beyond its watermark until it is whole.
final class Offsets {

    private final boolean awaitsSync;
    private EpochHistory epochs;
    private long horizon;
    private long watermark;
    private long durableEnd;
    private long logEnd;

    /// Below this the copy may lack records that later ones have replaced.
    private long wholeFrom;

    Offsets(boolean awaitsSync, Recovered recovered) {
        this.awaitsSync = awaitsSync;
        this.epochs = recovered.epochs();
        are(recovered);
    }

    private void are(Recovered found) {
        epochs = found.epochs();
        horizon = found.horizon();
        watermark = found.watermark();
        durableEnd = found.durableEnd();
        logEnd = found.logEnd();
        wholeFrom = found.wholeFrom();
    }

    /// The copy is another one, with nothing in it.
    void beginAnew() {
        are(Recovered.NOTHING);
    }

    EpochHistory epochs() {
        return epochs;
    }

    long horizon() {
        return horizon;
    }

    long watermark() {
        return watermark;
    }

    long durableEnd() {
        return durableEnd;
    }

    long logEnd() {
        return logEnd;
    }

    /// What a leader may count this copy for.
    long held() {
        return awaitsSync ? durableEnd : logEnd;
    }

    /// Whether the copy holds every key's newest record.
    boolean isWhole() {
        return held() >= wholeFrom;
    }

    /// Whether it has every key when it shows the records up to a sequence: below some sequences those that were
    /// replaced by then are gone.
    boolean isWholeAt(long sequence) {
        return isWhole() && sequence >= wholeFrom;
    }

    void logEndsAt(long end) {
        logEnd = end;
    }

    void epochsAre(EpochHistory now) {
        epochs = now;
    }

    void cutAt(long last) {
        logEnd = last;
        durableEnd = Math.min(durableEnd, last);
        epochs = epochs.upTo(last);
    }

    void syncedUpTo(long durable) {
        durableEnd = Math.max(durableEnd, Math.min(durable, logEnd));
    }

    void committedUpTo(long sequence) {
        watermark = sequence;
    }

    /// Adopts what comes with a chunk, or what the leader itself has found.
    ///
    /// @return whether that is news
    boolean adopt(Effects.Bounds bounds) {
        boolean news = bounds.horizon() > horizon || bounds.wholeFrom() > wholeFrom;
        horizon = Math.max(horizon, bounds.horizon());
        wholeFrom = Math.max(wholeFrom, bounds.wholeFrom());
        return news;
    }

    Effects.Bounds bounds() {
        return new Effects.Bounds(horizon, wholeFrom);
    }

    void check() {
        if (watermark > held() || durableEnd > logEnd) {
            throw new IllegalStateException("offsets out of order: " + this);
        }
    }

    @Override
    public String toString() {
        return "horizon " + horizon + ", watermark " + watermark + ", durable end " + durableEnd + ", log end " + logEnd
                + ", epochs " + epochs.starts();
    }
}
