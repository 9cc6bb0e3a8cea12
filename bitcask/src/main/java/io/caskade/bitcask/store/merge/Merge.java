package io.caskade.bitcask.store.merge;

import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.log.LogMerge;
import io.caskade.bitcask.log.LogMerge.Decision;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordKind;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.index.ExpiryHistogram;
import io.caskade.bitcask.store.index.SegmentStats;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// One merge of a store's segments.
///
/// Drops a PUT that the keydir does not point at; a TOMBSTONE whose key was written again; and, when they hide
/// no older record, also TOMBSTONEs, CLEARs and expired PUTs up to the purge horizon. Otherwise an expired PUT
/// is rewritten as a TOMBSTONE, so that no older value reappears.
///
/// A segment without a record to keep is not read. Its MARKs are not newer than the log time, which the merged
/// segment's header takes over.
///
/// A record is dropped because of a later one, which may be committed and not yet synced. So everything
/// committed when the last record was decided is synced before the merged segment is renamed into place.
///
/// While a merge runs, a new follower may start to replicate from the beginning. If the purge horizon has
/// fallen below a purged record, that follower could receive an older record of its key but not the tombstone:
/// such a merge is withdrawn before it takes effect.
public final class Merge implements MaintenanceTask {

    /// Keys moved per step of the writer: a small part of a millisecond.
    private static final int STEP_KEYS = 256;

    /// Maximum moves in memory: 8 MiB. With more keys than that, the merge reads them from its files again.
    private static final int MAX_MOVES = 1 << 18;

    /// No key is there.
    private static final long NOWHERE = -1;

    /// Added to the estimated output size.
    private static final long SIZE_ESTIMATE_SLACK_BYTES = 1 << 20;

    private final Store store;
    private final LogMerge merge;
    private final MergePolicy.Run run;
    private final LongSupplier purgeHorizonSource;
    private final long purgeHorizonAtStart;
    private final long logTime;
    private final ExpiryHistogram expiries;

    private final KeyMoves moves = new KeyMoves();
    private final int maxMoves;

    /// Whether there were too many moves to keep, and whether any of them removes a key.
    private boolean forgotten;

    private boolean removesKeys;

    /// The last record that only the purge horizon allowed to drop, 0 for none.
    private long lastPurged;

    private boolean withdrawn;
    private long completeAt;
    private long keptTombstoneBytes;
    private @Nullable Sync asked;

    private Merge(Store store, LogMerge merge, MergePolicy.Run run, MergePolicy policy, int maxMoves) {
        this.maxMoves = maxMoves;
        this.store = store;
        this.merge = merge;
        this.run = run;
        this.purgeHorizonSource = policy.purgeHorizon();
        this.purgeHorizonAtStart = purgeHorizonSource.getAsLong();
        this.logTime = store.logTime();
        this.expiries = new ExpiryHistogram(logTime);
        this.lastPurged = run.purgedTo();
    }

    /// Begins the policy's first merge among the segments after record `after`, 0 for all. Called by the
    /// writer; run on another thread, before other maintenance begins.
    public static Optional<Merge> begin(Store store, MergePolicy policy, long after) throws IOException {
        return begin(store, policy, after, MAX_MOVES);
    }

    /// The same with another number of moves in memory.
    static Optional<Merge> begin(Store store, MergePolicy policy, long after, int maxMoves) throws IOException {
        return begin(
                store,
                policy,
                policy.choose(
                        store.maintenance().mergeableSegments(), store.index().stats(), store.logTime(), after),
                maxMoves);
    }

    /// Begins the merge of the first segments that have no record to keep, as above.
    static Optional<Merge> beginDead(Store store, MergePolicy policy) throws IOException {
        return begin(
                store,
                policy,
                policy.chooseDead(
                        store.maintenance().mergeableSegments(), store.index().stats(), store.logTime()),
                MAX_MOVES);
    }

    private static Optional<Merge> begin(Store store, MergePolicy policy, Optional<MergePolicy.Run> run, int maxMoves)
            throws IOException {
        return run.isEmpty()
                ? Optional.empty()
                : Optional.of(new Merge(
                        store,
                        store.maintenance()
                                .beginMerge(run.get().segments(), run.get().dead()),
                        run.get(),
                        policy,
                        maxMoves));
    }

    /// The last sequence of the run.
    public long last() {
        return merge.last();
    }

    /// The size of the run's segments.
    public long inputBytes() {
        return merge.inputBytes();
    }

    /// Whether none of the segments has a record to keep: it reads nothing.
    boolean isOfDeadSegments() {
        return run.dead().size() == run.segments().size();
    }

    /// Whether it was withdrawn, because the purge horizon fell while it ran; valid after [#run].
    public boolean isWithdrawn() {
        return withdrawn;
    }

    /// The size of the output; valid after [#run].
    public long outputBytes() {
        return merge.outputBytes();
    }

    @Override
    public void run(WriterExecutor writer, LogMerge.Pacer pacer) throws IOException {
        boolean rewritten = false;
        try {
            if (!isOfDeadSegments()) {
                merge.requireDiskSpace(
                        Math.min(merge.inputBytes(), run.left() + run.left() / 8 + SIZE_ESTIMATE_SLACK_BYTES));
            }
            merge.rewrite(this::judge, pacer);
            syncCommittedRecords(writer);
            merge.publish(completeAt);
            rewritten = true;
        } catch (IOException e) {
            if (!merge.abandon()) {
                writer.run(() -> store.fence(e));
            }
            throw e;
        } finally {
            if (!rewritten && !merge.abandon()) {
                fence(writer);
            }
        }
        takeEffect(writer);
        if (!withdrawn) {
            merge.deleteOld();
        }
    }

    /// If this stopped midway and the store were written to, the next merge would treat keys that were not
    /// moved as dead.
    private void takeEffect(WriterExecutor writer) throws IOException {
        boolean done = false;
        try {
            writer.run(this::replaceSegmentsOrWithdraw);
            if (withdrawn) {
                merge.withdraw();
            } else {
                moveAll(writer);
                writer.run(this::retireReplaced);
            }
            done = true;
        } finally {
            if (!done) {
                fence(writer);
            }
        }
    }

    private void replaceSegmentsOrWithdraw() throws IOException {
        if (purgeHorizonSource.getAsLong() < lastPurged) {
            withdrawn = true;
        } else {
            store.maintenance().replaceSegments(merge);
        }
    }

    private void fence(WriterExecutor writer) throws IOException {
        writer.run(() -> store.fence(new IOException("a merge failed after its segment was renamed")));
    }

    private void moveAll(WriterExecutor writer) throws IOException {
        if (forgotten) {
            merge.readMerged(this::rememberMoved, () -> moveIfMany(writer));
            if (removesKeys) {
                merge.readOld(this::rememberExpired, () -> moveIfMany(writer));
            }
        }
        moveRemembered(writer);
    }

    /// In a merged segment each record is a batch.
    private void moveIfMany(WriterExecutor writer) throws IOException {
        if (moves.count() >= STEP_KEYS) {
            moveRemembered(writer);
        }
    }

    private void moveRemembered(WriterExecutor writer) throws IOException {
        for (int from = 0; from < moves.count(); from += STEP_KEYS) {
            int first = from;
            writer.run(() -> moves.apply(store.index(), first, Math.min(moves.count(), first + STEP_KEYS)));
        }
        moves.clear();
    }

    /// A key that is still in one of the old segments is where the merge found it: it may have left since, but
    /// never comes back.
    private void rememberMoved(ByteBuffer bytes, int at, long location) {
        if (RecordFormat.kind(bytes, at) == RecordKind.PUT) {
            KeyHash hash = store.hash(RecordFormat.key(bytes, at));
            long current = store.index().find(hash);
            moves.add(hash, merge.isOld(current) ? current : NOWHERE, location);
        }
    }

    /// The keys that the merge found expired are those that are still there and not moved.
    private void rememberExpired(ByteBuffer bytes, int at, long location) {
        if (RecordFormat.kind(bytes, at) == RecordKind.PUT && isExpired(RecordFormat.expiresAt(bytes, at))) {
            KeyHash hash = store.hash(RecordFormat.key(bytes, at));
            if (store.index().find(hash) == location) {
                moves.add(hash, location, Location.NONE);
            }
        }
    }

    private boolean isExpired(long expiresAt) {
        return expiresAt != 0 && expiresAt <= logTime;
    }

    private void retireReplaced() {
        SegmentStats stats = store.index().stats();
        stats.addMovedTombstones(merge.number(), keptTombstoneBytes);
        stats.recordExpiries(merge.number(), expiries);
        store.maintenance().retireReplaced(merge);
    }

    private Decision judge(ByteBuffer bytes, int at, long oldLocation, long newLocation) {
        RecordKind kind = RecordFormat.kind(bytes, at);
        long sequence = RecordFormat.sequence(bytes, at);
        boolean purgeable = run.bottommost() && sequence <= purgeHorizonAtStart;
        if (kind != RecordKind.PUT && purgeable) {
            return purge(sequence);
        }
        if (kind == RecordKind.CLEAR) {
            return keepTombstone(Location.bytes(newLocation), Decision.KEPT);
        }
        KeyHash hash = store.hash(RecordFormat.key(bytes, at));
        long current = store.index().find(hash);
        if (kind == RecordKind.TOMBSTONE && current == Location.NONE) {
            return keepTombstone(Location.bytes(newLocation), Decision.KEPT);
        }
        if (kind == RecordKind.TOMBSTONE || current != oldLocation) {
            return Decision.DROPPED;
        }
        long expiresAt = RecordFormat.expiresAt(bytes, at);
        if (isExpired(expiresAt)) {
            removesKeys = true;
            remember(hash, oldLocation, Location.NONE);
            return purgeable
                    ? purge(sequence)
                    : keepTombstone(RecordFormat.tombstoneLength(bytes, at), Decision.KEPT_AS_TOMBSTONE);
        }
        if (expiresAt != 0) {
            expiries.add(expiresAt, Location.bytes(newLocation));
        }
        remember(hash, oldLocation, newLocation);
        return Decision.KEPT;
    }

    private Decision purge(long sequence) {
        lastPurged = Math.max(lastPurged, sequence);
        return Decision.DROPPED;
    }

    private Decision keepTombstone(int bytes, Decision verdict) {
        keptTombstoneBytes += bytes;
        return verdict;
    }

    private void remember(KeyHash hash, long from, long to) {
        if (!forgotten && moves.count() == maxMoves) {
            forgotten = true;
            moves.clear();
        }
        if (!forgotten) {
            moves.add(hash, from, to);
        }
    }

    /// A truncation may invalidate a sync, but never removes committed records.
    private void syncCommittedRecords(WriterExecutor writer) throws IOException {
        writer.run(() -> {
            completeAt = store.highWatermark();
            ask();
        });
        while (asked != null) {
            Sync sync = asked;
            try {
                sync.run();
            } catch (IOException e) {
                writer.run(() -> store.fence(e));
                throw e;
            }
            writer.run(() -> {
                store.endSync(sync);
                ask();
            });
        }
    }

    private void ask() throws IOException {
        asked = store.durableEnd() < completeAt ? store.beginSync() : null;
    }
}
