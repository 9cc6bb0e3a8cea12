package io.caskade.bitcask.hint;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.LittleEndian;
import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.record.EpochHistory;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordKind;
import io.caskade.bitcask.segment.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The content of a hint file. All records of its segment were committed and synced when it was written.
/// Immutable.
public final class Hint {

    /// Receives the entries of a hint in the order of their sequences.
    @FunctionalInterface
    public interface EntrySink {
        /// One PUT, TOMBSTONE or CLEAR; the hash of a CLEAR is meaningless.
        void accept(RecordKind kind, KeyHash hash, long location);
    }

    private static final int MARK_BYTES = Location.bytes(Location.of(0, 0, RecordFormat.MARK_BYTES));

    private final ByteBuffer bytes;
    private final int entriesAt;

    private Hint(ByteBuffer bytes) {
        this.bytes = bytes;
        this.entriesAt = HintFormat.HEADER_BYTES + HintFormat.EPOCH_BYTES * bytes.getInt(HintFormat.EPOCHS);
    }

    /// Reads the hint of a segment. Nothing when there is none, or it is damaged or empty, of another format
    /// version or partition, or made with another secret.
    static Optional<Hint> read(Disk disk, Path segment, int partition, long fingerprint) throws IOException {
        Path path = HintFormat.pathFor(segment);
        if (!disk.exists(path)) {
            return Optional.empty();
        }
        try (DiskFile file = disk.openForReading(path)) {
            ByteBuffer header = LittleEndian.allocate(HintFormat.HEADER_BYTES);
            file.read(header, 0);
            long length = HintFormat.lengthOf(header.flip());
            if (length != file.size() || length > Integer.MAX_VALUE - Long.BYTES) {
                return Optional.empty();
            }
            ByteBuffer bytes = LittleEndian.allocate((int) length);
            file.read(bytes, 0);
            bytes.flip();
            boolean usable = bytes.limit() == length
                    && bytes.getInt(HintFormat.CRC) == HintFormat.checksum(bytes)
                    && bytes.getInt(HintFormat.PARTITION) == partition
                    && bytes.getLong(HintFormat.FINGERPRINT) == fingerprint;
            return usable ? Optional.of(new Hint(bytes)) : Optional.empty();
        }
    }

    /// Whether the hint matches a segment: a file of this length, with this header and the same last record as
    /// when the hint was written.
    public boolean fits(Segment segment) throws IOException {
        DiskFile file = segment.file();
        if (file.size() != segmentBytes()
                || segment.headerCrc() != bytes.getInt(HintFormat.HEADER_CRC)
                || segment.baseSequence() != base()) {
            return false;
        }
        long recordAt = Integer.toUnsignedLong(bytes.getInt(HintFormat.RECORD_AT));
        if (recordAt == 0) {
            return true;
        }
        ByteBuffer record = LittleEndian.allocate(RecordFormat.HEADER_BYTES);
        file.read(record, recordAt);
        return !record.hasRemaining()
                && record.getInt(RecordFormat.CRC) == bytes.getInt(HintFormat.RECORD_CRC)
                && recordAt + RecordFormat.trustedLength(record, 0) == segmentBytes();
    }

    /// The length of its file.
    public long bytes() {
        return bytes.limit();
    }

    /// The segment's first sequence.
    public long base() {
        return bytes.getLong(HintFormat.BASE);
    }

    /// The segment's last sequence.
    public long last() {
        return bytes.getLong(HintFormat.LAST);
    }

    /// The newest time in any of its MARKs, Unix milliseconds.
    public long time() {
        return bytes.getLong(HintFormat.TIME);
    }

    /// The greatest high watermark in any of its MARKs.
    public long highWatermark() {
        return bytes.getLong(HintFormat.HIGH_WATERMARK);
    }

    /// When the first of its records expires, Unix milliseconds; 0 for never.
    public long earliestExpiry() {
        return bytes.getLong(HintFormat.EXPIRY);
    }

    /// The length of its segment.
    public long segmentBytes() {
        return bytes.getLong(HintFormat.SEGMENT_BYTES);
    }

    /// The bytes of the segment's MARKs, by [Location#bytes]. MARKs have no entries: sequences have gaps only
    /// in merged segments, which have no MARKs.
    public long markBytes() {
        boolean hasMarks = time() != 0;
        return hasMarks ? (last() - base() + 1 - entries()) * MARK_BYTES : 0;
    }

    /// The number of entries.
    public int entries() {
        return bytes.getInt(HintFormat.ENTRIES);
    }

    /// Whether a CLEAR is among them.
    public boolean hasClear() {
        for (int entry = 0; entry < entries(); entry++) {
            if (kind(entry) == RecordKind.CLEAR) {
                return true;
            }
        }
        return false;
    }

    /// The kind of an entry; 0 is the oldest.
    public RecordKind kind(int entry) {
        RecordKind kind = RecordKind.of(bytes.get(at(entry) + HintFormat.ENTRY_KIND));
        if (kind == null) {
            throw new IllegalStateException("a hint whose checksum fits has an entry of no kind");
        }
        return kind;
    }

    /// The upper half of an entry's hash.
    public long high(int entry) {
        return bytes.getLong(at(entry));
    }

    /// The lower half of an entry's hash.
    public long low(int entry) {
        return bytes.getLong(at(entry) + HintFormat.ENTRY_LOW);
    }

    /// The location of an entry's record, in a segment with this number.
    public long location(int entry, int segment) {
        int at = at(entry);
        long offset = Integer.toUnsignedLong(bytes.getInt(at + HintFormat.ENTRY_OFFSET));
        return Location.ofClass(segment, offset, bytes.get(at + HintFormat.ENTRY_LENGTH));
    }

    private int at(int entry) {
        return entriesAt + entry * HintFormat.ENTRY_BYTES;
    }

    /// Whether its records are of an epoch not smaller than one.
    public boolean continuesFrom(int epoch) {
        return epochs().stream().allMatch(start -> start.epoch() >= epoch);
    }

    /// The epochs of its records, each with its first sequence in the segment.
    public List<EpochHistory.Start> epochs() {
        List<EpochHistory.Start> starts = new ArrayList<>();
        for (int at = HintFormat.HEADER_BYTES; at < entriesAt; at += HintFormat.EPOCH_BYTES) {
            starts.add(new EpochHistory.Start(bytes.getInt(at), bytes.getLong(at + Integer.BYTES)));
        }
        return starts;
    }

    /// Passes all entries to a sink, as records of the segment with this number.
    public void forEach(int segment, EntrySink sink) {
        for (int entry = 0; entry < entries(); entry++) {
            sink.accept(kind(entry), new KeyHash(high(entry), low(entry)), location(entry, segment));
        }
    }
}
