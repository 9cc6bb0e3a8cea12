package io.caskade.bitcask.record;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The bytes of a record, little-endian:
///
/// ```
///  0  u32 crc32c of all that follows      12  u32 leader epoch
///  4  u8  kind                            16  u64 sequence
///  5  u8  flags                           24  u64 expires at, Unix ms, 0 = never
///  6  u16 key length                      32  key, then value
///  8  u32 value length
/// ```
///
/// The methods read records in place: `at` is where the record begins in a little-endian buffer. They check no
/// bounds beyond the buffer's own; call [#lengthAt] first on untrusted bytes.
public final class RecordFormat {

    /// Bytes before the key.
    public static final int HEADER_BYTES = 32;

    /// The most bytes a key can have.
    public static final int MAX_KEY_BYTES = 0xffff;

    /// The most bytes a record's value may claim, whatever a store's own limit: more is taken for damage.
    public static final int MAX_VALUE_BYTES = 1 << 30;

    /// Bytes of a whole MARK: its value is the leader's time and its high watermark, 8 bytes each.
    public static final int MARK_BYTES = HEADER_BYTES + 16;

    /// Set on every record of a batch but its last.
    static final int MORE_FOLLOW = 1;

    public static final int CRC = 0;
    public static final int KIND = 4;
    public static final int FLAGS = 5;
    static final int KEY_LENGTH = 6;
    public static final int VALUE_LENGTH = 8;
    static final int EPOCH = 12;
    public static final int SEQUENCE = 16;
    public static final int EXPIRES_AT = 24;

    /// Returned by [#lengthAt] for bytes that cannot be a record.
    public static final int INVALID = -1;

    /// The part of the header covered by the checksum.
    private static final int CHECKED_HEADER_BYTES = HEADER_BYTES - KIND;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private RecordFormat() {}

    /// How long a record of a key and value of these lengths is.
    public static long length(int keyLength, int valueLength) {
        return (long) HEADER_BYTES + keyLength + valueLength;
    }

    /// The length of the whole record at `at`, or a negative number when the bytes up to the limit do not hold
    /// a record whose header makes sense. The checksum is not checked.
    public static int lengthAt(ByteBuffer bytes, int at) {
        if (bytes.limit() - at < HEADER_BYTES) {
            return INVALID;
        }
        RecordKind kind = RecordKind.of(bytes.get(at + KIND));
        int keyLength = keyLength(bytes, at);
        int valueLength = valueLength(bytes, at);
        if (kind == null || !isShaped(kind, keyLength, valueLength) || (flags(bytes, at) & ~MORE_FOLLOW) != 0) {
            return INVALID;
        }
        int length = HEADER_BYTES + keyLength + valueLength;
        return bytes.limit() - at < length ? INVALID : length;
    }

    private static boolean isShaped(RecordKind kind, int keyLength, int valueLength) {
        return switch (kind) {
            case PUT -> keyLength > 0 && valueLength >= 0 && valueLength <= MAX_VALUE_BYTES;
            case TOMBSTONE -> keyLength > 0 && valueLength == 0;
            case MARK -> keyLength == 0 && valueLength == MARK_BYTES - HEADER_BYTES;
            case CLEAR -> keyLength == 0 && valueLength == 0;
        };
    }

    /// Whether the record at `at`, of a length that [#lengthAt] found, has the checksum it claims.
    public static boolean isIntact(ByteBuffer bytes, int at, int length) {
        return bytes.getInt(at + CRC) == checksum(bytes, at, length);
    }

    /// The checksum of the record, or frame, at `at`.
    public static int checksum(ByteBuffer bytes, int at, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(at + KIND, length - KIND));
        return (int) crc.getValue();
    }

    /// The value's bytes, copied, when the record at `at` has the checksum it claims; else null.
    ///
    /// The checksum is computed over copies: when the buffer is a mapped file and the disk fails, copying
    /// throws, but a checksum in place would crash the process. The value's array also holds the header first,
    /// so that no other is needed.
    ///
    /// @param key the record's, read from it before
    public static byte @Nullable [] intactValue(ByteBuffer bytes, int at, byte[] key) {
        byte[] value = new byte[valueLength(bytes, at)];
        byte[] header = value.length < CHECKED_HEADER_BYTES ? new byte[CHECKED_HEADER_BYTES] : value;
        CRC32C crc = new CRC32C();
        bytes.get(at + KIND, header, 0, CHECKED_HEADER_BYTES);
        crc.update(header, 0, CHECKED_HEADER_BYTES);
        crc.update(key, 0, key.length);
        bytes.get(at + HEADER_BYTES + key.length, value);
        crc.update(value, 0, value.length);
        return bytes.getInt(at + CRC) == (int) crc.getValue() ? value : null;
    }

    /// The length of a valid record, from its header.
    public static int trustedLength(ByteBuffer bytes, int at) {
        return HEADER_BYTES + keyLength(bytes, at) + valueLength(bytes, at);
    }

    /// The length of a TOMBSTONE of the record's key.
    public static int tombstoneLength(ByteBuffer bytes, int at) {
        return HEADER_BYTES + keyLength(bytes, at);
    }

    /// The record's kind.
    ///
    /// @throws IllegalStateException when the code stands for no kind
    public static RecordKind kind(ByteBuffer bytes, int at) {
        @Nullable RecordKind kind = RecordKind.of(bytes.get(at + KIND));
        if (kind == null) {
            throw new IllegalStateException("record kind " + bytes.get(at + KIND));
        }
        return kind;
    }

    /// Whether the kind of the record is PUT.
    public static boolean isPut(ByteBuffer bytes, int at) {
        return bytes.get(at + KIND) == RecordKind.PUT.code();
    }

    /// Whether the record is the last of its batch.
    public static boolean endsBatch(ByteBuffer bytes, int at) {
        return (flags(bytes, at) & MORE_FOLLOW) == 0;
    }

    /// In [0, 65535]; 0 for a MARK or CLEAR.
    public static int keyLength(ByteBuffer bytes, int at) {
        return Short.toUnsignedInt(bytes.getShort(at + KEY_LENGTH));
    }

    /// Bytes of the value.
    public static int valueLength(ByteBuffer bytes, int at) {
        return bytes.getInt(at + VALUE_LENGTH);
    }

    /// The epoch of the leader that wrote the record.
    public static int epoch(ByteBuffer bytes, int at) {
        return bytes.getInt(at + EPOCH);
    }

    /// The record's sequence; the first is 1.
    public static long sequence(ByteBuffer bytes, int at) {
        return bytes.getLong(at + SEQUENCE);
    }

    /// Unix milliseconds, 0 for never.
    public static long expiresAt(ByteBuffer bytes, int at) {
        return bytes.getLong(at + EXPIRES_AT);
    }

    /// The leader's time in a MARK, Unix milliseconds.
    public static long markTime(ByteBuffer bytes, int at) {
        return bytes.getLong(at + HEADER_BYTES);
    }

    /// The high watermark in a MARK: the leader had committed all up to this sequence when it wrote it.
    public static long markHighWatermark(ByteBuffer bytes, int at) {
        return bytes.getLong(at + HEADER_BYTES + Long.BYTES);
    }

    /// Whether the record has this key.
    public static boolean hasKey(ByteBuffer bytes, int at, byte[] key) {
        if (keyLength(bytes, at) != key.length) {
            return false;
        }
        int i = 0;
        for (; i <= key.length - Long.BYTES; i += Long.BYTES) {
            if (bytes.getLong(at + HEADER_BYTES + i) != (long) LONGS.get(key, i)) {
                return false;
            }
        }
        for (; i < key.length; i++) {
            if (bytes.get(at + HEADER_BYTES + i) != key[i]) {
                return false;
            }
        }
        return true;
    }

    /// The key's bytes, copied.
    public static byte[] key(ByteBuffer bytes, int at) {
        byte[] key = new byte[keyLength(bytes, at)];
        bytes.get(at + HEADER_BYTES, key);
        return key;
    }

    /// The value's bytes, copied.
    public static byte[] value(ByteBuffer bytes, int at) {
        byte[] value = new byte[valueLength(bytes, at)];
        bytes.get(at + HEADER_BYTES + keyLength(bytes, at), value);
        return value;
    }

    static int flags(ByteBuffer bytes, int at) {
        return bytes.get(at + FLAGS);
    }

    /// A view of a buffer from its position to its limit, in the byte order of records: itself, if it is one.
    public static ByteBuffer view(ByteBuffer bytes) {
        return bytes.position() == 0 && bytes.order() == ByteOrder.LITTLE_ENDIAN
                ? bytes
                : bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    }
}
