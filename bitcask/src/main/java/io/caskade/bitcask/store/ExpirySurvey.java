package io.caskade.bitcask.store;

import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.log.FullSegment;
import io.caskade.bitcask.log.Location;
import io.caskade.bitcask.log.LogMerge;
import io.caskade.bitcask.log.RecordFormat;
import io.caskade.bitcask.log.RecordKind;
import io.caskade.bitcask.log.SegmentReading;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Finds out, once for each segment, when how much of it expires: the account knows only when the first
/// record does.
public final class ExpirySurvey implements Upkeep {

    private final Store store;
    private final FullSegment segment;
    private final SegmentReading reading;
    private final Expiries expiries;

    ExpirySurvey(Store store, FullSegment segment, SegmentReading reading) {
        this.store = store;
        this.segment = segment;
        this.reading = reading;
        this.expiries = new Expiries(store.logTime());
    }

    @Override
    public void run(OnWriter writer, LogMerge.Pacer pacer) throws IOException {
        reading.run(this::add, pacer);
        writer.run(() -> store.index().usage().survey(segment.number(), expiries));
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
