package io.caskade.bitcask.store;

import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.log.LogManifest;
import io.caskade.bitcask.record.PendingRecord;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordKind;
import io.caskade.bitcask.store.checkpoint.Checkpoint;
import io.caskade.bitcask.store.index.InFlightRecords;
import io.caskade.bitcask.store.index.KeydirIndex;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/// Keeps a copy's keydir at the high watermark: records of the log wait here until they are committed.
///
/// The writer calls everything but [#highWatermark], [#logTime] and [#neededBytes], which any thread may call.
final class CommittedKeydir {

    private static final int FIRST_KEY_BYTES = 64;

    private final Keydir keydir;
    private final KeyHasher hasher;
    private final KeydirIndex index;
    private final InFlightRecords inFlight = new InFlightRecords();

    /// A buffer for hashing keys.
    private byte[] keyBuffer = new byte[FIRST_KEY_BYTES];

    /// What the statistics say, for any thread.
    private final AtomicLong neededBytes = new AtomicLong();

    private volatile long highWatermark;
    private volatile long logTime;

    /// @param keydir has what is committed up to the high watermark, once the copy is open
    CommittedKeydir(Keydir keydir, KeyHasher hasher, long highWatermark) {
        this.keydir = keydir;
        this.hasher = hasher;
        this.index = new KeydirIndex(keydir);
        this.highWatermark = highWatermark;
    }

    Keydir keydir() {
        return keydir;
    }

    KeydirIndex index() {
        return index;
    }

    /// Everything up to it is in the keydir, nothing beyond.
    long highWatermark() {
        return highWatermark;
    }

    /// The newest time in a committed MARK.
    long logTime() {
        return logTime;
    }

    void raiseLogTime(long time) {
        logTime = Math.max(logTime, time);
    }

    /// Goes on where a checkpoint's copy was closed, whose keydir is loaded.
    void resume(Checkpoint checkpoint) {
        List<LogManifest.Entry> segments = checkpoint.log().segments();
        for (int i = 0; i < segments.size(); i++) {
            index.stats()
                    .restore(segments.get(i).number(), checkpoint.segmentStats().get(i));
        }
        publishNeededBytes();
        checkpoint.inFlight().forEach(inFlight::add);
        logTime = checkpoint.logTime();
        highWatermark = checkpoint.highWatermark();
    }

    /// The head of a checkpoint of all this.
    Checkpoint checkpoint(LogManifest log, int partition) {
        return new Checkpoint(
                hasher.fingerprint(),
                partition,
                log,
                highWatermark,
                logTime,
                log.segments().stream()
                        .map(segment -> index.stats().of(segment.number()))
                        .toList(),
                inFlight.all());
    }

    /// Adds a record that was appended and is not committed.
    void addInFlight(ByteBuffer bytes, int at, long location) {
        RecordKind kind = RecordFormat.kind(bytes, at);
        long sequence = RecordFormat.sequence(bytes, at);
        switch (kind) {
            case MARK -> inFlight.add(sequence, kind, 0, 0, location, RecordFormat.markTime(bytes, at));
            case CLEAR -> inFlight.add(sequence, kind, 0, 0, location, 0);
            case PUT, TOMBSTONE -> {
                int length = RecordFormat.keyLength(bytes, at);
                if (length > keyBuffer.length) {
                    keyBuffer = new byte[length];
                }
                bytes.get(at + RecordFormat.HEADER_BYTES, keyBuffer, 0, length);
                long high = hasher.high(keyBuffer, length);
                long low = hasher.low(keyBuffer, length);
                inFlight.add(sequence, kind, high, low, location, RecordFormat.expiresAt(bytes, at));
            }
        }
    }

    /// The newest record of a key that is not committed.
    Optional<PendingRecord> newestInFlight(KeyHash hash) {
        return inFlight.newest(hash.high(), hash.low());
    }

    /// Forgets the records after `last`, which were truncated.
    void dropInFlightAfter(long last) {
        inFlight.dropAfter(last);
    }

    /// Applies all records up to a sequence, unless it is below the high watermark.
    ///
    /// Advances the time last: a reader that judges expiry by it must see the records of the same commit.
    void commit(long sequence) {
        long committed = Math.max(sequence, highWatermark);
        long before = logTime;
        long time = before;
        while (inFlight.hasRecordUpTo(committed)) {
            time = Math.max(time, inFlight.applyFirst(index));
        }
        if (time != before) {
            logTime = time;
        }
        highWatermark = committed;
        publishNeededBytes();
    }

    /// Moves the high watermark over records that were loaded without having been in flight.
    void commitLoaded(long sequence) {
        highWatermark = Math.max(highWatermark, sequence);
    }

    /// How many bytes of the segments' records are needed.
    long neededBytes() {
        return neededBytes.get();
    }

    /// Forgets the statistics of segments that were merged away.
    void forget(List<Integer> segments) {
        segments.forEach(index.stats()::forget);
        publishNeededBytes();
    }

    void publishNeededBytes() {
        neededBytes.setRelease(index.stats().neededBytes());
    }
}
