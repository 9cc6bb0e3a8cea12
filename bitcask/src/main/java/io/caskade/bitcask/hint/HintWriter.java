package io.caskade.bitcask.hint;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.LittleEndian;
import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.record.EpochHistory;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordFrame;
import io.caskade.bitcask.record.RecordKind;
import io.caskade.bitcask.segment.Segment;
import io.caskade.bitcask.segment.SegmentScanner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import java.util.zip.CRC32C;

/// Writes the hint of one segment: begun by the log's writer (`Log.beginHint`), run once on any thread.
///
/// Reads the whole segment and verifies each checksum on the way. Entries are written as they come: the memory
/// it takes does not grow with the segment. A crash leaves no hint or a whole one.
public final class HintWriter {

    private static final String NEW_SUFFIX = ".new";
    private static final int FIRST_ENTRIES = 1 << 10;

    /// Entries are written when there are this many bytes of them.
    private static final int PART_BYTES = 256 << 10;

    private static final KeyHash NO_KEY = new KeyHash(0, 0);

    private final Disk disk;
    private final Segment segment;
    private final long segmentEnd;
    private final long lastSequence;
    private final int partition;
    private final KeyHasher hasher;
    private final LongConsumer onWritten;

    private EpochHistory epochs = EpochHistory.EMPTY;
    private ByteBuffer entries = LittleEndian.allocate(FIRST_ENTRIES * HintFormat.ENTRY_BYTES);

    /// The bytes of the entries written to the file.
    private long writtenBytes;

    private long time;
    private long highWatermark;
    private long earliestExpiry;
    private int lastRecordAt;
    private int lastRecordCrc;

    /// The hint of a segment that ends with record `lastSequence`. Holds the segment until it has run.
    public HintWriter(Disk disk, Segment segment, long lastSequence, int partition, KeyHasher hasher) {
        this(disk, segment, lastSequence, partition, hasher, bytes -> {});
    }

    /// As above.
    ///
    /// @param onWritten is told the hint's length once the hint is in place; called on the thread that runs it
    public HintWriter(
            Disk disk, Segment segment, long lastSequence, int partition, KeyHasher hasher, LongConsumer onWritten) {
        this.disk = disk;
        this.onWritten = onWritten;
        this.segment = segment;
        this.segmentEnd = segment.end();
        this.lastSequence = lastSequence;
        this.partition = partition;
        this.hasher = hasher;
        segment.hold();
    }

    /// Writes the hint. Blocks.
    ///
    /// @throws io.caskade.bitcask.DamagedLogException when the segment's bytes are not what was written
    /// @throws IOException when the disk fails or is full; the segment has no hint then, and nothing else is
    ///     lost
    public void run() throws IOException {
        try {
            writeAndRename();
        } finally {
            segment.release();
        }
    }

    /// Computes the hint without writing it.
    ByteBuffer expected() throws IOException {
        scan(() -> {});
        ByteBuffer head = encodeHead(entries.flip().limit());
        ByteBuffer hint = LittleEndian.allocate(Math.addExact(head.limit(), entries.limit()));
        hint.put(head).put(entries).flip();
        return hint.putInt(HintFormat.CRC, HintFormat.checksum(hint));
    }

    private interface BatchEnd {
        void run() throws IOException;
    }

    private void scan(BatchEnd batchEnd) throws IOException {
        SegmentScanner scanner = SegmentScanner.of(segment);
        while (scanner.next()) {
            RecordFrame frame = scanner.frame();
            if (frame != null) {
                for (EpochHistory.Start start : frame.epochs()) {
                    epochs = epochs.with(start.epoch(), start.sequence());
                }
                lastRecordAt = (int) scanner.batchFrom();
                lastRecordCrc = scanner.frameCrc();
            }
            scanner.show(segment.number(), this::add);
            batchEnd.run();
        }
        scanner.requireWhole(segment, lastSequence);
    }

    private void add(ByteBuffer record, int at, long location) {
        lastRecordAt = (int) Location.offset(location);
        lastRecordCrc = record.getInt(at + RecordFormat.CRC);
        if (epochs.starts().isEmpty() || RecordFormat.epoch(record, at) > epochs.latest()) {
            epochs = epochs.with(RecordFormat.epoch(record, at), RecordFormat.sequence(record, at));
        }
        RecordKind kind = RecordFormat.kind(record, at);
        switch (kind) {
            case MARK -> {
                time = Math.max(time, RecordFormat.markTime(record, at));
                highWatermark = Math.max(highWatermark, RecordFormat.markHighWatermark(record, at));
            }
            case CLEAR -> add(kind, NO_KEY, location);
            case PUT, TOMBSTONE -> {
                recordExpiry(RecordFormat.expiresAt(record, at));
                add(kind, hasher.hash(RecordFormat.key(record, at)), location);
            }
        }
    }

    private void recordExpiry(long at) {
        if (at != 0 && (earliestExpiry == 0 || at < earliestExpiry)) {
            earliestExpiry = at;
        }
    }

    private void add(RecordKind kind, KeyHash hash, long location) {
        if (entries.remaining() < HintFormat.ENTRY_BYTES) {
            entries = LittleEndian.allocate(Math.multiplyExact(entries.capacity(), 2))
                    .put(entries.flip());
        }
        entries.putLong(hash.high()).putLong(hash.low()).putInt(lastRecordAt);
        entries.put(kind.code()).put((byte) Location.lengthClass(location)).putShort((short) 0);
    }

    /// The header, still without the checksum, and the epochs.
    private ByteBuffer encodeHead(long entryBytes) throws IOException {
        ByteBuffer head =
                LittleEndian.allocate(HintFormat.HEADER_BYTES + epochs.starts().size() * HintFormat.EPOCH_BYTES);
        HintFormat.begin(head);
        head.putInt(HintFormat.PARTITION, partition)
                .putLong(HintFormat.BASE, segment.baseSequence())
                .putLong(HintFormat.LAST, lastSequence)
                .putLong(HintFormat.FINGERPRINT, hasher.fingerprint())
                .putLong(HintFormat.SEGMENT_BYTES, segmentEnd)
                .putInt(HintFormat.HEADER_CRC, segment.headerCrc())
                .putInt(HintFormat.RECORD_CRC, lastRecordCrc)
                .putInt(HintFormat.RECORD_AT, lastRecordAt)
                .putInt(HintFormat.ENTRIES, Math.toIntExact(entryBytes / HintFormat.ENTRY_BYTES))
                .putLong(HintFormat.TIME, time)
                .putLong(HintFormat.HIGH_WATERMARK, highWatermark)
                .putLong(HintFormat.EXPIRY, earliestExpiry)
                .putInt(HintFormat.EPOCHS, epochs.starts().size())
                .position(HintFormat.HEADER_BYTES);
        epochs.starts().forEach(start -> head.putInt(start.epoch()).putLong(start.sequence()));
        return head.flip();
    }

    /// Does not sync the directory: a hint lost in a power failure is written again.
    private void writeAndRename() throws IOException {
        Path path = HintFormat.pathFor(segment.file().path());
        Path newFile = path.resolveSibling(path.getFileName() + NEW_SUFFIX);
        if (disk.exists(newFile)) {
            disk.delete(newFile);
        }
        long length;
        try (DiskFile file = disk.create(newFile)) {
            scan(() -> {
                if (entries.position() >= PART_BYTES) {
                    writeEntries(file);
                }
            });
            writeEntries(file);
            length = writeHead(file) + writtenBytes;
            file.sync();
        }
        if (segment.installHint(length, () -> disk.rename(newFile, path))) {
            onWritten.accept(length);
        } else {
            disk.delete(newFile);
        }
    }

    /// Writes the entries right after the header: how many epochs come before them is known at the end.
    private void writeEntries(DiskFile file) throws IOException {
        int length = entries.flip().limit();
        file.write(entries, HintFormat.HEADER_BYTES + writtenBytes);
        writtenBytes += length;
        entries.clear();
    }

    /// Moves the entries up to make room for the epochs, and computes the checksum on the way.
    ///
    /// @return the length of what comes before the entries
    private int writeHead(DiskFile file) throws IOException {
        ByteBuffer head = encodeHead(writtenBytes);
        CRC32C crc = HintFormat.checksumOfHead(head);
        int part = Math.max(PART_BYTES, head.limit());
        ByteBuffer current = LittleEndian.allocate(part);
        ByteBuffer next = LittleEndian.allocate(part);
        readEntries(file, current, 0);
        for (long at = 0; at < writtenBytes; ) {
            int length = current.limit();
            readEntries(file, next, at + length);
            crc.update(current.duplicate());
            file.write(current, head.limit() + at);
            at += length;
            ByteBuffer free = current;
            current = next;
            next = free;
        }
        head.putInt(HintFormat.CRC, (int) crc.getValue());
        file.write(head, 0);
        return head.limit();
    }

    private void readEntries(DiskFile file, ByteBuffer into, long at) throws IOException {
        into.clear().limit((int) Math.min(into.capacity(), writtenBytes - at));
        int length = into.limit();
        if (file.read(into, HintFormat.HEADER_BYTES + at) != length) {
            throw new IOException(file.path() + ": ends before what was written to it");
        }
        into.flip();
    }
}
