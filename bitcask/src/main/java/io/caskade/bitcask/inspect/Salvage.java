package io.caskade.bitcask.inspect;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.log.Log;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// Writes the newest readable value of every key into a new log, after a MARK with the newest time there was,
/// so that what has expired does not come back. The new log's epoch is one more than the old one's.
final class Salvage implements SalvageSink {

    private static final long SEGMENT_BYTES = 64 << 20;
    private static final int GROUP_BYTES = 1 << 20;

    /// The last record of the new log, and how many of the old one's records are in it.
    record Result(long end, long records) {}

    private final LiveKeys live;
    private final Log log;
    private final BatchEncoder encoder = new BatchEncoder();
    private final int epoch;
    private long records;

    /// The time in the last MARK that was read.
    private long writtenAt;

    private Salvage(LiveKeys live, Log log, int epoch) {
        this.live = live;
        this.log = log;
        this.epoch = epoch;
    }

    /// How many records a salvage would keep.
    static long count(SalvageScan scan) throws IOException {
        LiveKeys live = LiveKeys.in(scan);
        long[] count = new long[1];
        scan.read((bytes, at, file, offset) -> count[0] += live.contain(bytes, at) ? 1 : 0);
        return count[0];
    }

    /// Makes the new log, synced, in an empty directory.
    static Result into(Disk disk, Path directory, int partition, SalvageScan scan) throws IOException {
        return into(disk, directory, partition, scan, LiveKeys.in(scan));
    }

    /// Makes the new log of certain keys, at their time.
    static Result into(Disk disk, Path directory, int partition, SalvageScan scan, LiveKeys live) throws IOException {
        LogOptions options = new LogOptions(partition, SEGMENT_BYTES, Durability.SYNC);
        try (Log log = Log.open(disk, directory, options, 0, (bytes, at, location) -> {})) {
            Salvage salvage = new Salvage(live, log, Math.addExact(scan.epoch(), 1));
            salvage.encoder.start(salvage.epoch, 1);
            salvage.encoder.mark(live.time(), 0);
            scan.read(salvage);
            salvage.flush();
            Sync sync = log.beginSync();
            sync.run();
            log.endSync(sync);
            return new Result(log.end(), salvage.records);
        }
    }

    @Override
    public void record(ByteBuffer bytes, int at, Path file, long offset) throws IOException {
        if (RecordFormat.kind(bytes, at) == RecordKind.MARK) {
            writtenAt = RecordFormat.markTime(bytes, at);
        }
        if (live.contain(bytes, at)) {
            encoder.put(RecordFormat.key(bytes, at), RecordFormat.value(bytes, at), expiry(bytes, at));
            encoder.endBatch();
            records++;
            if (encoder.size() >= GROUP_BYTES) {
                flush();
            }
        }
    }

    /// What was written at a time that is still to come has all of its lifetime before it.
    private long expiry(ByteBuffer bytes, int at) {
        long expiresAt = RecordFormat.expiresAt(bytes, at);
        return expiresAt == 0 ? 0 : expiresAt - Math.max(0, Math.min(writtenAt, expiresAt) - live.time());
    }

    private void flush() throws IOException {
        if (encoder.size() > 0) {
            log.append(encoder.group(), (bytes, at, location) -> {});
            encoder.start(epoch, log.end() + 1);
        }
    }
}
