package io.caskade.bitcask.segment;

import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.LittleEndian;
import io.caskade.bitcask.record.EpochHistory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/// The header of a merged segment, little-endian; the remaining records follow:
///
/// ```
///  0  8 bytes "CASKMRG\n"          40  u64 newest time in a MARK that was merged away
///  8  u32 format version           48  u64 length of the file
/// 12  u32 partition                56  u32 generation
/// 16  u64 first sequence covered   60  u32 epochs
/// 24  u64 last sequence covered    64  u32 0
/// 32  u64 needed: see below        68  u32 crc32c of all other bytes of the header
///                                  72  epochs: u32 epoch, u64 first sequence
/// ```
///
/// A record is dropped because of a later one. All records up to `completeAt` were committed and synced before
/// the merged segment was renamed into place, so that the later record exists whenever the earlier one does
/// not.
///
/// @param name of the segment, with the sequences covered, whether their records remain or not
/// @param completeAt the log is complete with this segment only if it reaches this sequence
/// @param time Unix milliseconds
/// @param length of the file
/// @param epochs of all records covered, each with its first sequence
public record MergedHeader(
        SegmentName name, int partition, long completeAt, long time, long length, List<EpochHistory.Start> epochs) {

    static final int VERSION = 1;

    private static final byte[] MAGIC = "CASKMRG\n".getBytes(StandardCharsets.US_ASCII);
    private static final int FIXED_BYTES = 72;
    private static final int EPOCH_BYTES = 12;
    static final int CRC = 68;

    /// Makes the list immutable.
    public MergedHeader {
        epochs = List.copyOf(epochs);
    }

    /// The size of a header with this many epochs.
    public static int bytes(int epochs) {
        return FIXED_BYTES + epochs * EPOCH_BYTES;
    }

    /// The size of this header.
    public int bytes() {
        return bytes(epochs.size());
    }

    /// The header's bytes.
    public ByteBuffer encode() {
        ByteBuffer header = LittleEndian.allocate(bytes());
        header.put(MAGIC)
                .putInt(VERSION)
                .putInt(partition)
                .putLong(name.base())
                .putLong(name.last())
                .putLong(completeAt)
                .putLong(time)
                .putLong(length)
                .putInt(name.generation())
                .putInt(epochs.size())
                .putLong(0);
        epochs.forEach(start -> header.putInt(start.epoch()).putLong(start.sequence()));
        header.flip();
        return header.putInt(CRC, checksum(header));
    }

    /// The header of a file; nothing when it is not whole, or not that of a segment with this name and
    /// partition, or the file has not the length it says.
    public static Optional<MergedHeader> read(DiskFile file, SegmentName name, int partition) throws IOException {
        ByteBuffer fixed = LittleEndian.allocate(FIXED_BYTES);
        file.read(fixed, 0);
        fixed.flip();
        if (fixed.limit() < FIXED_BYTES || !fixed.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
            return Optional.empty();
        }
        int count = fixed.getInt(60);
        if (count < 0 || count > (file.size() - FIXED_BYTES) / EPOCH_BYTES) {
            return Optional.empty();
        }
        ByteBuffer bytes = LittleEndian.allocate(bytes(count));
        file.read(bytes, 0);
        bytes.flip();
        if (bytes.getInt(CRC) == checksum(bytes) && bytes.getInt(8) != VERSION) {
            throw new IOException(file.path() + ": of another format version; open it with the build that wrote it");
        }
        SegmentName inside = new SegmentName(bytes.getLong(16), bytes.getLong(24), bytes.getInt(56));
        if (bytes.getInt(CRC) != checksum(bytes)
                || SegmentFormat.partition(bytes) != partition
                || !inside.equals(name)
                || bytes.getLong(48) != file.size()) {
            return Optional.empty();
        }
        List<EpochHistory.Start> epochs = new ArrayList<>();
        for (int at = FIXED_BYTES; at < bytes.limit(); at += EPOCH_BYTES) {
            epochs.add(new EpochHistory.Start(bytes.getInt(at), bytes.getLong(at + Integer.BYTES)));
        }
        return Optional.of(
                new MergedHeader(name, partition, bytes.getLong(32), bytes.getLong(40), bytes.getLong(48), epochs));
    }

    private static int checksum(ByteBuffer header) {
        CRC32C crc = new CRC32C();
        crc.update(header.slice(0, CRC));
        crc.update(header.slice(FIXED_BYTES, header.limit() - FIXED_BYTES));
        return (int) crc.getValue();
    }
}
