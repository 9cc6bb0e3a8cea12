package io.caskade.bitcask.store.merge;

import io.caskade.bitcask.segment.SealedSegment;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.merge.MergePolicy.Order;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Chooses the next automatic maintenance of a store. Writer only.
///
/// What has no record to keep comes first. While the store is written to, a segment is merged when `deadRatio`
/// of its bytes are dead: one after the other, or, when merges fall behind, where they give back the most
/// space first. When it has been quiet for two seconds, a fiftieth is enough, and the active segment is sealed
/// if that lets it be merged too.
final class MaintenancePolicy {

    private static final double IDLE_DEAD_RATIO = 0.02;

    /// When merges fall behind, a segment with this part of dead bytes is worth it, whatever the ratio: with a
    /// greater one the bound of [io.caskade.bitcask.store.SpaceUse] could not be kept.
    private static final double URGENT_DEAD_RATIO = 0.25;

    private static final double FRUITLESS_PART = 0.9;

    private static final long QUIET_MILLIS = 2_000;

    /// A store is quiet when at most this many bytes were added in that time.
    private static final long QUIET_BYTES = 32 << 10;

    /// A segment smaller than this part of a full one is not sealed.
    private static final int MIN_PART = 64;

    private final Store store;
    private final double deadRatio;
    private final long segmentBytes;

    /// The progress of the pass over all segments.
    private long after;

    private long observedAt = Long.MIN_VALUE;
    private long observed;
    private boolean quiet;
    private boolean needsSync;

    /// Whether a merge of this pass has given back almost nothing.
    private boolean fruitless;

    MaintenancePolicy(Store store, double deadRatio, long segmentBytes) {
        this.store = store;
        this.deadRatio = deadRatio;
        this.segmentBytes = segmentBytes;
    }

    /// Whether the store is quiet.
    boolean isQuiet() {
        return quiet;
    }

    /// Whether the last call of [#next] returned nothing only because the log is not synced far enough.
    boolean needsSync() {
        return needsSync;
    }

    /// How urgent merges are: from 0, when they may take their time, to 1. For any thread.
    double need() {
        return store.space().mergeNeed(deadRatio);
    }

    /// The next task; empty once all segments have been considered.
    ///
    /// @param millis of a monotonic clock
    Optional<MaintenanceTask> next(long millis, LongSupplier purgeHorizon) throws IOException {
        observe(millis);
        if (quiet) {
            store.maintenance().sealIfDeadRatioAtLeast(IDLE_DEAD_RATIO, segmentBytes / MIN_PART);
        }
        needsSync = false;
        Optional<ExpiryScan> scan = ExpiryScan.begin(store);
        if (scan.isPresent()) {
            return Optional.of(scan.get());
        }
        MergePolicy policy = policy(purgeHorizon);
        if (isSyncWorthIt(policy)) {
            needsSync = true;
            return Optional.empty();
        }
        Optional<Merge> dead = Merge.beginDead(store, policy);
        if (dead.isPresent()) {
            return Optional.of(dead.get());
        }
        Optional<Merge> merge = Merge.begin(store, policy, after);
        if (merge.isEmpty() || policy.order() == Order.OLDEST_FIRST) {
            after = merge.map(Merge::last).orElse(0L);
        }
        fruitless &= merge.isPresent();
        return merge.map(begun -> begun);
    }

    /// A task has run. What is expected of a merge is an estimate: the one that seems to give back the most
    /// must not be chosen again and again in vain.
    void finished(MaintenanceTask task) {
        if (task instanceof Merge merge && !merge.isOfDeadSegments()) {
            fruitless |= merge.outputBytes() > FRUITLESS_PART * merge.inputBytes();
        }
    }

    private MergePolicy policy(LongSupplier purgeHorizon) {
        if (need() >= 1 && !fruitless) {
            double ratio = Math.min(URGENT_DEAD_RATIO, deadRatio);
            return new MergePolicy(ratio, segmentBytes, purgeHorizon, false, Order.DEADEST_FIRST);
        }
        double ratio = quiet ? Math.min(IDLE_DEAD_RATIO, deadRatio) : deadRatio;
        return new MergePolicy(ratio, segmentBytes, purgeHorizon, quiet);
    }

    /// Only what is synced can be merged. A sync is asked for when the store takes more than it should and the
    /// merge that comes first would need it.
    private boolean isSyncWorthIt(MergePolicy policy) {
        if (need() <= 0 || !store.maintenance().hasUnsyncedSealed()) {
            return false;
        }
        List<SealedSegment> sealed = store.maintenance().sealedSegments();
        return policy.chooseDead(sealed, store.index().stats(), store.logTime())
                .or(() -> policy.choose(sealed, store.index().stats(), store.logTime(), after))
                .filter(run -> run.last() > store.durableEnd())
                .isPresent();
    }

    private void observe(long millis) {
        if (observedAt == Long.MIN_VALUE || millis - observedAt >= QUIET_MILLIS) {
            long added = store.maintenance().addedBytes();
            quiet = observedAt != Long.MIN_VALUE && added - observed <= QUIET_BYTES;
            observed = added;
            observedAt = millis;
        }
    }
}
