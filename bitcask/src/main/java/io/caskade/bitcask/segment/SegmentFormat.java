package io.caskade.bitcask.segment;

import io.caskade.bitcask.disk.LittleEndian;
import io.caskade.bitcask.record.RecordFormat;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/// The name and the header of a segment, little-endian; the records follow:
///
/// ```
///  0  8 bytes "CASKLOG\n"        16  u64 base sequence
///  8  u32 format version         24  u32 records before that were not synced
/// 12  u32 partition              28  u32 crc32c of the 28 bytes before
/// ```
///
/// A segment's file is named after its base sequence, the sequence of its first record, in twenty digits.
///
/// The number of unsynced records right before the base, at the time the segment was created, is the log's own
/// proof of what is on this disk: a MARK only shows what was committed, perhaps by other copies.
public final class SegmentFormat {

    public static final int HEADER_BYTES = 32;
    static final int VERSION = 1;
    public static final String SUFFIX = ".log";

    /// Ends the name of a segment or hint that is being written.
    public static final String NEW_SUFFIX = ".new";

    /// How many digits a base sequence has in a name.
    static final int BASE_DIGITS = 20;

    static final int CRC = 28;

    private static final int PARTITION = 12;

    private static final byte[] MAGIC = "CASKLOG\n".getBytes(StandardCharsets.US_ASCII);

    /// The greatest number of unsynced records that fits; also stands for more.
    private static final long MANY = 0xffff_ffffL;

    private static final int CHECKED_BYTES = HEADER_BYTES - Integer.BYTES;

    private SegmentFormat() {}

    /// The name of a plain segment.
    public static String fileName(long baseSequence) {
        return digits(baseSequence, BASE_DIGITS) + SUFFIX;
    }

    /// A number in so many digits, from 0 to 9 in every language.
    static String digits(long number, int count) {
        String digits = Long.toString(number);
        return "0".repeat(count - digits.length()) + digits;
    }

    /// The base sequence that a file's name says, or nothing when it is not a plain segment's name.
    static OptionalLong baseSequence(String name) {
        if (!name.matches("0\\d{" + (BASE_DIGITS - 1) + "}\\" + SUFFIX)) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Long.parseLong(name.substring(0, BASE_DIGITS)));
    }

    /// The header of a segment that is created when all records up to `synced` are known to be synced.
    public static ByteBuffer header(int partition, long baseSequence, long synced) {
        ByteBuffer header = LittleEndian.allocate(HEADER_BYTES);
        header.put(MAGIC)
                .putInt(VERSION)
                .putInt(partition)
                .putLong(baseSequence)
                .putInt((int) Math.min(baseSequence - 1 - synced, MANY));
        return header.putInt(checksum(header)).flip();
    }

    /// The record up to which an intact header says that all is synced.
    public static long synced(ByteBuffer header) {
        ByteBuffer bytes = RecordFormat.view(header);
        long unsynced = Integer.toUnsignedLong(bytes.getInt(24));
        return unsynced == MANY ? 0 : bytes.getLong(16) - 1 - unsynced;
    }

    /// The partition that a header names, the same bytes of a plain and of a merged segment.
    public static int partition(ByteBuffer header) {
        return header.getInt(PARTITION);
    }

    /// The result of checking a header; the first defect decides.
    public enum HeaderFinding {
        INTACT,
        /// Cut short, zero-filled, or with a wrong checksum.
        TORN,
        /// Whole, but of an unknown format version.
        OTHER_VERSION,
        /// Whole, but of another partition or with another base sequence than the file's name.
        MISPLACED
    }

    /// Checks a plain segment's header.
    public static HeaderFinding check(ByteBuffer header, int partition, long baseSequence) {
        ByteBuffer bytes = RecordFormat.view(header);
        if (bytes.remaining() < HEADER_BYTES
                || !bytes.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))
                || bytes.getInt(CHECKED_BYTES) != checksum(bytes)) {
            return HeaderFinding.TORN;
        }
        if (bytes.getInt(8) != VERSION) {
            return HeaderFinding.OTHER_VERSION;
        }
        if (partition(bytes) != partition || bytes.getLong(16) != baseSequence) {
            return HeaderFinding.MISPLACED;
        }
        return HeaderFinding.INTACT;
    }

    private static int checksum(ByteBuffer header) {
        CRC32C crc = new CRC32C();
        crc.update(header.slice(0, CHECKED_BYTES));
        return (int) crc.getValue();
    }
}
