package io.caskade.bitcask.store;

import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.log.Location;
import io.caskade.bitcask.log.LogMerge;
import io.caskade.bitcask.log.RecordFormat;
import io.caskade.bitcask.log.RecordKind;
import io.caskade.bitcask.log.Sync;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One merge of a store's segments: begun by the writer ([Store#beginMerge]), run on another thread, which asks
/// the writer for short steps.
///
/// What is dropped: a PUT that the keydir does not point at; a TOMBSTONE whose key was written again; and, when
/// the run begins with the oldest segment, so that nothing older is left, also TOMBSTONEs, CLEARs and expired
/// PUTs up to the purge horizon. Otherwise an expired PUT is kept: an older value would come back without it.
///
/// A record is dropped because of a later one, which may be committed and not yet synced. So before the merged
/// segment gets its name, all that was committed when the last record was judged is synced.
public final class Merge {

    /// How many keys the writer moves in one step: well below a millisecond.
    private static final int STEP_KEYS = 512;

    private static final int LONGS_A_MOVE = 4;

    /// Does something as the store's writer, between its other work, and returns when it is done.
    @FunctionalInterface
    public interface OnWriter {
        /// Runs a step, which is short.
        void run(Step step) throws IOException;
    }

    /// Something the writer does.
    @FunctionalInterface
    public interface Step {
        /// Does it.
        void run() throws IOException;
    }

    private final Store store;
    private final LogMerge merge;
    private final long purgeHorizon;
    private final long logTime;

    /// Upper and lower half of a hash, the old location, the new one or none.
    private long[] moves = new long[1024 * LONGS_A_MOVE];

    private int moved;
    private long needed;
    private int keptRemovals;
    private @Nullable Sync asked;

    Merge(Store store, LogMerge merge, long purgeHorizon) {
        this.store = store;
        this.merge = merge;
        this.purgeHorizon = purgeHorizon;
        this.logTime = store.logTime();
    }

    /// The last sequence of the run.
    public long last() {
        return merge.last();
    }

    /// How many bytes the run's segments have: no more than these are needed on the disk meanwhile.
    public long inputBytes() {
        return merge.inputBytes();
    }

    /// How many bytes were left; good once it has run.
    public long outputBytes() {
        return merge.outputBytes();
    }

    /// Runs to the end; the store must not be closed meanwhile. Blocks.
    ///
    /// @throws IOException when the disk fails; the old segments are as they were, unless the store is fenced
    public void run(OnWriter writer, LogMerge.Pacer pacer) throws IOException {
        boolean rewritten = false;
        try {
            merge.rewrite(this::keeps, pacer);
            syncWhatItRestsOn(writer);
            merge.publish(needed);
            rewritten = true;
        } catch (IOException e) {
            if (!merge.abandon()) {
                writer.run(() -> store.fence(e));
            }
            throw e;
        } finally {
            if (!rewritten) {
                merge.abandon();
            }
        }
        writer.run(() -> store.adopt(merge));
        for (int from = 0; from < moved; from += STEP_KEYS) {
            int first = from;
            writer.run(() -> move(first, Math.min(moved, first + STEP_KEYS)));
        }
        writer.run(() -> store.retire(merge, keptRemovals));
        merge.deleteOld();
    }

    private boolean keeps(ByteBuffer bytes, int at, long oldLocation, long newLocation) {
        RecordKind kind = RecordFormat.kind(bytes, at);
        boolean purgeable = merge.startsWithOldest() && RecordFormat.sequence(bytes, at) <= purgeHorizon;
        if (kind != RecordKind.PUT && purgeable) {
            return false;
        }
        if (kind == RecordKind.CLEAR) {
            keptRemovals++;
            return true;
        }
        KeyHash hash = store.hash(RecordFormat.key(bytes, at));
        long current = store.index().find(hash);
        if (kind == RecordKind.TOMBSTONE && current == Location.NONE) {
            keptRemovals++;
            return true;
        }
        if (kind == RecordKind.TOMBSTONE || current != oldLocation) {
            return false;
        }
        long expiresAt = RecordFormat.expiresAt(bytes, at);
        boolean purged = purgeable && expiresAt != 0 && expiresAt <= logTime;
        remember(hash, oldLocation, purged ? Location.NONE : newLocation);
        return !purged;
    }

    private void remember(KeyHash hash, long from, long to) {
        int at = moved * LONGS_A_MOVE;
        if (at == moves.length) {
            moves = Arrays.copyOf(moves, Math.multiplyExact(moves.length, 2));
        }
        moves[at] = hash.high();
        moves[at + 1] = hash.low();
        moves[at + 2] = from;
        moves[at + 3] = to;
        moved++;
    }

    private void move(int from, int to) {
        for (int i = from; i < to; i++) {
            int at = i * LONGS_A_MOVE;
            store.index().move(new KeyHash(moves[at], moves[at + 1]), moves[at + 2], moves[at + 3]);
        }
    }

    /// Truncations may make a sync count for nothing, but never take away what is committed.
    private void syncWhatItRestsOn(OnWriter writer) throws IOException {
        writer.run(() -> {
            needed = store.watermark();
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
        asked = store.durableEnd() < needed ? store.beginSync() : null;
    }
}
