package io.caskade.bitcask.store.merge;

import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.log.LogMerge;
import io.caskade.bitcask.log.SegmentScan;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordKind;
import io.caskade.bitcask.segment.SealedSegment;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.index.ExpiryHistogram;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/// Scans a segment once for the expiry times of its records; until then only the first one is known.
public final class ExpiryScan implements MaintenanceTask {

    private final Store store;
    private final SealedSegment segment;
    private final SegmentScan reading;
    private final ExpiryHistogram expiries;

    private ExpiryScan(Store store, SealedSegment segment, SegmentScan reading) {
        this.store = store;
        this.segment = segment;
        this.reading = reading;
        this.expiries = new ExpiryHistogram(store.logTime());
    }

    /// Begins the scan of an unscanned segment with expired records, if there is one.
    /// Called by the writer; run on another thread, before other maintenance begins.
    static Optional<ExpiryScan> begin(Store store) {
        return store.maintenance().mergeableSegments().stream()
                .filter(segment -> store.index().stats().needsExpiryScan(segment.number(), store.logTime()))
                .findFirst()
                .map(segment ->
                        new ExpiryScan(store, segment, store.maintenance().beginScan(segment)));
    }

    @Override
    public void run(WriterExecutor writer, LogMerge.Pacer pacer) throws IOException {
        reading.run(this::add, pacer);
        writer.run(() -> store.index().stats().recordExpiries(segment.number(), expiries));
    }

    private void add(ByteBuffer bytes, int at, long location) {
        long expiresAt = RecordFormat.expiresAt(bytes, at);
        if (expiresAt == 0 || RecordFormat.kind(bytes, at) != RecordKind.PUT) {
            return;
        }
        KeyHash hash = store.hash(RecordFormat.key(bytes, at));
        if (store.index().find(hash) == location) {
            expiries.add(expiresAt, Location.bytes(location));
        }
    }
}
