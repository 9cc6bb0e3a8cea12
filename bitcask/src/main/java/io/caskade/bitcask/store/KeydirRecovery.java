package io.caskade.bitcask.store;

import io.caskade.bitcask.hint.Hint;
import io.caskade.bitcask.hint.Parallelism;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordKind;
import io.caskade.bitcask.recovery.RecoverySink;
import io.caskade.bitcask.store.index.HintedKeys;
import java.nio.ByteBuffer;

/// Fills the keydir of a copy from what the recovery of its log shows: records, and hints in place of segments.
final class KeydirRecovery implements RecoverySink {

    private final CommittedKeydir committed;
    private final HintedKeys hinted;

    KeydirRecovery(CommittedKeydir committed, Parallelism parallelism) {
        this.committed = committed;
        this.hinted = new HintedKeys(committed.keydir(), committed.index(), parallelism);
    }

    @Override
    public void expect(long keys) {
        committed.keydir().reserve(keys);
    }

    /// Commits up to a MARK's high watermark.
    @Override
    public void accept(ByteBuffer bytes, int at, long location) {
        hinted.flush();
        committed.addInFlight(bytes, at, location);
        committed.commit(
                RecordFormat.kind(bytes, at) == RecordKind.MARK ? RecordFormat.markHighWatermark(bytes, at) : 0);
    }

    @Override
    public void merged(long completeAt, long time) {
        committed.commit(completeAt);
        committed.raiseLogTime(time);
    }

    /// A hint exists only for committed records.
    @Override
    public void accept(Hint hint, int segment) {
        committed.commit(hint.base() - 1);
        hinted.add(hint, segment);
        committed.index().stats().addHinted(segment, hint.markBytes(), hint.earliestExpiry());
        committed.raiseLogTime(hint.time());
        committed.commitLoaded(hint.last());
    }

    /// Ends the recovery.
    void finish() {
        hinted.flush();
        committed.publishNeededBytes();
    }
}
