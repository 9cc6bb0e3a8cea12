package io.caskade.bitcask.log;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordKind;
import io.caskade.bitcask.segment.SegmentFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// A log on a [FaultyDisk], and the records it has shown to its reader.
public final class LogOnDisk {

    public static final Path DIRECTORY = Path.of("/log");
    public static final int PARTITION = 3;

    /// A record as it was read, with its location.
    public record ReadRecord(long sequence, int epoch, RecordKind kind, String key, String value, long location) {

        /// Everything but the location.
        public String text() {
            return sequence + "@" + epoch + " " + kind + " " + key + "=" + value;
        }
    }

    public final FaultyDisk disk;
    public final List<ReadRecord> readRecords = new ArrayList<>();
    public final Log log;

    private final BatchEncoder encoder = new BatchEncoder();

    private LogOnDisk(FaultyDisk disk, LogOptions options, long recoveryPoint) throws IOException {
        this.disk = disk;
        disk.createDirectories(DIRECTORY);
        this.log = Log.open(disk, DIRECTORY, options, recoveryPoint, this::show);
    }

    public static LogOnDisk open(FaultyDisk disk) throws IOException {
        return open(disk, 1 << 20, 0);
    }

    /// A log whose files are as long as what was written to them.
    public static LogOnDisk open(FaultyDisk disk, long segmentBytes, long recoveryPoint) throws IOException {
        return open(disk, segmentBytes, 0, recoveryPoint);
    }

    public static LogOnDisk open(FaultyDisk disk, long segmentBytes, long reserveBytes, long recoveryPoint)
            throws IOException {
        return new LogOnDisk(
                disk, new LogOptions(PARTITION, segmentBytes, Durability.SYNC, reserveBytes), recoveryPoint);
    }

    private void show(ByteBuffer bytes, int at, long location) {
        readRecords.add(new ReadRecord(
                RecordFormat.sequence(bytes, at),
                RecordFormat.epoch(bytes, at),
                RecordFormat.kind(bytes, at),
                text(RecordFormat.key(bytes, at)),
                text(RecordFormat.value(bytes, at)),
                location));
    }

    /// Appends one group.
    public void append(int epoch, Consumer<BatchEncoder> records) throws IOException {
        encoder.start(epoch, log.end() + 1);
        records.accept(encoder);
        log.append(encoder.group(), this::show);
    }

    /// Appends a group of one batch of one record.
    public void put(String key, String value) throws IOException {
        append(Math.max(1, log.epochs().latest()), records -> {
            records.put(bytes(key), bytes(value), 0);
            records.endBatch();
        });
    }

    /// Appends a MARK.
    public void mark(long highWatermark) throws IOException {
        append(Math.max(1, log.epochs().latest()), records -> records.mark(1_000, highWatermark));
    }

    public void sync() throws IOException {
        Sync sync = log.beginSync();
        sync.run();
        log.endSync(sync);
    }

    public List<String> texts() {
        return readRecords.stream().map(ReadRecord::text).toList();
    }

    public List<String> keys() {
        return readRecords.stream().map(ReadRecord::key).toList();
    }

    public static Path segment(long base) {
        return DIRECTORY.resolve(SegmentFormat.fileName(base));
    }

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /// What a buffer holds from its position to its limit.
    public static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }
}
