package io.caskade.bitcask.store.merge;

import io.caskade.bitcask.store.Store;
import java.io.IOException;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Chooses the next automatic maintenance of a store. Writer only.
///
/// While the store is written to, a segment is merged when `deadRatio` of its bytes are dead. When it has been
/// quiet for two seconds, a fiftieth is enough, and the active segment is sealed if that lets it be merged too.
final class MaintenancePolicy {

    private static final double IDLE_DEAD_RATIO = 0.02;

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

    MaintenancePolicy(Store store, double deadRatio, long segmentBytes) {
        this.store = store;
        this.deadRatio = deadRatio;
        this.segmentBytes = segmentBytes;
    }

    /// Whether the store is quiet.
    boolean isQuiet() {
        return quiet;
    }

    /// The next task; empty once all segments have been considered.
    ///
    /// @param millis of a monotonic clock
    Optional<MaintenanceTask> next(long millis, LongSupplier purgeHorizon) throws IOException {
        observe(millis);
        if (quiet) {
            store.sealIfDeadRatioAtLeast(IDLE_DEAD_RATIO, segmentBytes / MIN_PART);
        }
        Optional<ExpiryScan> scan = ExpiryScan.begin(store);
        if (scan.isPresent()) {
            return Optional.of(scan.get());
        }
        double ratio = quiet ? Math.min(IDLE_DEAD_RATIO, deadRatio) : deadRatio;
        Optional<Merge> merge = Merge.begin(store, new MergePolicy(ratio, segmentBytes, purgeHorizon, quiet), after);
        after = merge.map(Merge::last).orElse(0L);
        return merge.map(begun -> begun);
    }

    private void observe(long millis) {
        if (observedAt == Long.MIN_VALUE || millis - observedAt >= QUIET_MILLIS) {
            long added = store.addedBytes();
            quiet = observedAt != Long.MIN_VALUE && added - observed <= QUIET_BYTES;
            observed = added;
            observedAt = millis;
        }
    }
}
