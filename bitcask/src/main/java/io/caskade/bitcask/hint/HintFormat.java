package io.caskade.bitcask.hint;

import io.caskade.bitcask.segment.SegmentFormat;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/// The name and the bytes of a hint file, little-endian. A hint holds what a keydir needs of one sealed
/// segment, so that opening need not read the segment:
///
/// ```
///  0  8 bytes "CASKHNT\n"                       60  u32 entries
///  8  u32 format version                        64  u64 newest time in a MARK
/// 12  u32 partition                             72  u64 greatest high watermark in a MARK
/// 16  u64 base sequence of the segment          80  u64 earliest time a record expires, 0 = never
/// 24  u64 its last sequence                     88  u32 epochs
/// 32  u64 fingerprint of the hashes' secret     92  u32 crc32c of all other bytes
/// 40  u64 length of the segment                 96  epochs: u32 epoch, u64 first sequence
/// 48  u32 crc32c that the segment's header claims   entries, in the order of their records
/// 52  u32 crc32c that its last record claims
/// 56  u32 offset of its last record
///
/// entry  0 u64 hash, upper half   16 u32 offset of the record   21 u8  length class of the record
///        8 u64 hash, lower half   20 u8  kind                   22 u16 0
/// ```
///
/// PUT, TOMBSTONE and CLEAR have entries. The length and the two checksums tie the hint to its segment: two
/// segments with the same last record have the same records, since a sequence and an epoch name one record
/// and all before it, unless one of them was merged, which its header tells.
public final class HintFormat {

    static final int HEADER_BYTES = 96;
    static final int EPOCH_BYTES = 12;
    static final int ENTRY_BYTES = 24;
    static final int VERSION = 1;
    static final String SUFFIX = ".hint";

    static final int VERSION_AT = 8;
    static final int PARTITION = 12;
    static final int BASE = 16;
    static final int LAST = 24;
    static final int FINGERPRINT = 32;
    static final int SEGMENT_BYTES = 40;
    static final int HEADER_CRC = 48;
    static final int RECORD_CRC = 52;
    static final int RECORD_AT = 56;
    static final int ENTRIES = 60;
    static final int TIME = 64;
    static final int HIGH_WATERMARK = 72;
    static final int EXPIRY = 80;
    static final int EPOCHS = 88;
    static final int CRC = 92;

    static final int ENTRY_LOW = 8;
    static final int ENTRY_OFFSET = 16;
    static final int ENTRY_KIND = 20;
    static final int ENTRY_LENGTH = 21;

    private static final byte[] MAGIC = "CASKHNT\n".getBytes(StandardCharsets.US_ASCII);

    private HintFormat() {}

    /// Where the hint of a segment belongs.
    public static Path pathFor(Path segment) {
        String name = String.valueOf(segment.getFileName());
        return segment.resolveSibling(name.substring(0, name.length() - SegmentFormat.SUFFIX.length()) + SUFFIX);
    }

    /// The segment that a hint of this name belongs to; nothing when it is no hint's name.
    public static Optional<Path> segmentOf(Path hint) {
        String name = String.valueOf(hint.getFileName());
        return name.endsWith(SUFFIX)
                ? Optional.of(
                        hint.resolveSibling(name.substring(0, name.length() - SUFFIX.length()) + SegmentFormat.SUFFIX))
                : Optional.empty();
    }

    static void begin(ByteBuffer header) {
        header.put(0, MAGIC).putInt(VERSION_AT, VERSION);
    }

    /// The length of a file with this header, or a negative number when the header is not a hint's.
    static long lengthOf(ByteBuffer header) {
        if (header.limit() < HEADER_BYTES
                || !header.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))
                || header.getInt(VERSION_AT) != VERSION) {
            return -1;
        }
        return HEADER_BYTES
                + EPOCH_BYTES * Integer.toUnsignedLong(header.getInt(EPOCHS))
                + ENTRY_BYTES * Integer.toUnsignedLong(header.getInt(ENTRIES));
    }

    /// The checksum of a whole hint, without the checksum field.
    static int checksum(ByteBuffer hint) {
        return (int) checksumOfHead(hint).getValue();
    }

    /// The checksum of the first bytes of a hint, to be updated with the rest.
    static CRC32C checksumOfHead(ByteBuffer head) {
        CRC32C crc = new CRC32C();
        crc.update(head.slice(0, CRC));
        crc.update(head.slice(HEADER_BYTES, head.limit() - HEADER_BYTES));
        return crc;
    }
}
