package io.caskade.server.listener.redis.command;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// What `DUMP` makes of a value, and `RESTORE` reads. Not Redis's format: a value moves between clusters of
/// Caskade. Numbers are little-endian.
///
/// ```
/// 0  4 bytes "CKDP"       8   u32 length of the value
/// 4  u8  version, 1       12  u32 crc32c of all other bytes
/// 5  u8  type, 0: string  16  the value
/// 6  u16 0
/// ```
final class DumpPayload {

    private static final int MAGIC = 'C' | 'K' << 8 | 'D' << 16 | 'P' << 24;
    private static final byte VERSION = 1;
    private static final byte STRING = 0;
    private static final int LENGTH_AT = 8;
    private static final int CHECKSUM_AT = 12;
    private static final int HEAD_BYTES = 16;

    private DumpPayload() {}

    static byte[] of(byte[] value) {
        byte[] payload = new byte[HEAD_BYTES + value.length];
        ByteBuffer head = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
        head.putInt(MAGIC).put(VERSION).put(STRING);
        head.putInt(LENGTH_AT, value.length);
        System.arraycopy(value, 0, payload, HEAD_BYTES, value.length);
        head.putInt(CHECKSUM_AT, checksum(payload));
        return payload;
    }

    /// The value of a payload; null when it is none, of a version that is not known, or damaged.
    static byte @Nullable [] value(byte[] payload) {
        if (payload.length < HEAD_BYTES) {
            return null;
        }
        ByteBuffer head = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
        boolean intact = head.getInt() == MAGIC
                && head.get() == VERSION
                && head.get() == STRING
                && head.getShort() == 0
                && head.getInt() == payload.length - HEAD_BYTES
                && head.getInt() == checksum(payload);
        return intact ? Arrays.copyOfRange(payload, HEAD_BYTES, payload.length) : null;
    }

    private static int checksum(byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(payload, 0, CHECKSUM_AT);
        crc.update(payload, HEAD_BYTES, payload.length - HEAD_BYTES);
        return (int) crc.getValue();
    }
}
