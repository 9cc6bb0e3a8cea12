package io.caskade.bitcask.embedded;

import io.caskade.bitcask.Entry;
import io.caskade.bitcask.WriteBatch;
import io.caskade.bitcask.WriteBatch.Check;
import io.caskade.bitcask.disk.DiskReserve;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.record.PendingRecord;
import io.caskade.bitcask.record.RecordKind;
import io.caskade.bitcask.store.LocatedEntry;
import io.caskade.bitcask.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A batch with what its checks have found. The records are read before the writer's lock is taken, because
/// that may wait for the disk; under the lock it is only made sure that they are still the keys' records.
final class CheckedBatch {

    /// Whether a batch may be written.
    enum Outcome {
        /// All checks hold.
        HOLDS,
        /// A check does not, by records that are committed.
        FAILS,
        /// A check does not, by records that are not committed yet.
        FAILS_IN_FLIGHT,
        /// A record was written or moved since it was read.
        CHANGED
    }

    private record Seen(Check check, LocatedEntry found) {}

    private final WriteBatch batch;
    private final long now;
    private final List<Seen> all = new ArrayList<>();

    /// Of the checks.
    private final Set<ByteBuffer> keys = new HashSet<>();

    /// Of each write's record, in Unix milliseconds, 0 for never.
    private final long[] expiries;

    /// Reads the records that a batch's checks are about.
    ///
    /// @param now by which expiry is judged
    CheckedBatch(WriteBatch batch, Store store, long now) throws IOException {
        this.batch = batch;
        this.now = now;
        for (Check check : batch.checks()) {
            byte[] key = check.key();
            all.add(new Seen(check, store.getWithLocation(store.hash(key), key)));
            keys.add(ByteBuffer.wrap(key));
        }
        expiries = batch.writes().stream()
                .mapToLong(write -> write.timeToLive() == null
                        ? 0
                        : now + write.timeToLive().toMillis())
                .toArray();
    }

    /// Whether a record has expired of which the log does not say so yet.
    boolean hasUnloggedExpiry(long logTime) {
        return all.stream()
                .map(seen -> seen.found().entry())
                .anyMatch(entry -> entry != null && entry.isExpiredAt(now) && !entry.isExpiredAt(logTime));
    }

    /// Whether all checks hold; asked by the writer.
    ///
    /// @param pending the records that are not in the log yet, if there are any
    Outcome outcome(Store store, @Nullable BatchEncoder pending) {
        // Since this batch was made, a reader may have been told that a record has expired.
        long time = Math.max(now, store.logTime());
        Outcome outcome = Outcome.HOLDS;
        Map<ByteBuffer, PendingRecord> newest = pending == null ? Map.of() : pending.newest(keys);
        for (Seen seen : all) {
            Optional<PendingRecord> inFlight = inFlight(seen, store, newest);
            if (inFlight.isPresent()) {
                if (versionAt(time, inFlight.get()) != seen.check().version()) {
                    return Outcome.FAILS_IN_FLIGHT;
                }
            } else if (store.locate(store.hash(seen.check().key()))
                    != seen.found().location()) {
                return Outcome.CHANGED;
            } else if (versionAt(time, seen.found().entry()) != seen.check().version()) {
                outcome = Outcome.FAILS;
            }
        }
        return outcome;
    }

    private static Optional<PendingRecord> inFlight(Seen seen, Store store, Map<ByteBuffer, PendingRecord> newest) {
        byte[] key = seen.check().key();
        PendingRecord pending = newest.get(ByteBuffer.wrap(key));
        return pending == null ? store.newestInFlight(key) : Optional.of(pending);
    }

    /// The version that a key has by its committed record.
    private static long versionAt(long time, @Nullable Entry entry) {
        return entry == null ? WriteBatch.ABSENT : versionAt(time, entry.version(), entry.expiresAt());
    }

    /// The version that a key will have once its record is committed.
    private static long versionAt(long time, PendingRecord record) {
        return record.kind() == RecordKind.PUT
                ? versionAt(time, record.sequence(), record.expiresAt())
                : WriteBatch.ABSENT;
    }

    private static long versionAt(long time, long sequence, long expiresAt) {
        return expiresAt != 0 && expiresAt <= time ? WriteBatch.ABSENT : sequence;
    }

    /// Makes sure that the keydir and the disk have room for what is put.
    ///
    /// @param pendingBytes of records that are not in the log yet
    void requireRoom(Store store, DiskReserve reserve, long pendingBytes) throws IOException {
        for (WriteBatch.Write write : batch.writes()) {
            if (write.value() != null) {
                store.requireKeydirRoom(write.key());
            }
        }
        long bytes = putBytes(batch);
        if (bytes > 0) {
            reserve.require(bytes, pendingBytes);
        }
    }

    /// The bytes for which there must be room besides the disk's reserve; 0 of a batch that only removes keys,
    /// which is never refused or put off: it makes room.
    static long putBytes(WriteBatch batch) {
        return batch.writes().stream().anyMatch(write -> write.value() != null) ? batch.bytes() : 0;
    }

    /// Adds the writes as a batch, all or none.
    void encode(BatchEncoder encoder) {
        // Only this can fail, for want of memory.
        encoder.reserve(batch.bytes());
        for (int i = 0; i < expiries.length; i++) {
            WriteBatch.Write write = batch.writes().get(i);
            byte[] value = write.value();
            if (value == null) {
                encoder.tombstone(write.key());
            } else {
                encoder.put(write.key(), value, expiries[i]);
            }
        }
        encoder.endBatch();
    }
}
