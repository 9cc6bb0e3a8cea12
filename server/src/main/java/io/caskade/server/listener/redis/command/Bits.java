package io.caskade.server.listener.redis.command;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The bits of a value: bit 0 is the highest of the first byte. Beyond the value's end all are 0.
final class Bits {

    private static final int BYTE_MASK = 0xff;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Bits() {}

    static boolean get(byte[] value, long offset) {
        long index = offset >>> 3;
        return index < value.length && (value[(int) index] >>> lowerBits(offset) & 1) != 0;
    }

    /// @param offset of a bit that the value has
    static void set(byte[] value, long offset, boolean bit) {
        int index = (int) (offset >>> 3);
        int mask = 1 << lowerBits(offset);
        value[index] = (byte) (bit ? value[index] | mask : value[index] & ~mask);
    }

    /// How many bits of its byte are below a bit.
    private static int lowerBits(long offset) {
        return 7 - (int) (offset & 7);
    }

    /// How many bits from `first` to `last` are set.
    ///
    /// @param last a bit that the value has, not before `first`
    static long count(byte[] value, long first, long last) {
        int firstByte = (int) (first >>> 3);
        int lastByte = (int) (last >>> 3);
        if (firstByte == lastByte) {
            return Integer.bitCount(value[firstByte] & from(first) & upTo(last));
        }
        long count = Integer.bitCount(value[firstByte] & from(first));
        count += Integer.bitCount(value[lastByte] & upTo(last));
        int at = firstByte + 1;
        for (; at + Long.BYTES <= lastByte; at += Long.BYTES) {
            count += Long.bitCount((long) LONGS.get(value, at));
        }
        for (; at < lastByte; at++) {
            count += Integer.bitCount(value[at] & BYTE_MASK);
        }
        return count;
    }

    /// The first bit from `first` to `last` that is as wanted; -1 when none is.
    ///
    /// @param last a bit that the value has, not before `first`
    static long find(byte[] value, boolean wanted, long first, long last) {
        int lastByte = (int) (last >>> 3);
        long unwanted = wanted ? 0 : -1;
        int at = (int) (first >>> 3);
        int mask = from(first);
        while (at <= lastByte) {
            if (mask == BYTE_MASK && at + Long.BYTES <= lastByte && (long) LONGS.get(value, at) == unwanted) {
                at += Long.BYTES;
            } else {
                int found = (wanted ? value[at] : ~value[at]) & mask & (at == lastByte ? upTo(last) : BYTE_MASK);
                if (found != 0) {
                    return 8L * at + Integer.numberOfLeadingZeros(found) - (Integer.SIZE - Byte.SIZE);
                }
                mask = BYTE_MASK;
                at++;
            }
        }
        return -1;
    }

    /// The bits of a byte from one on.
    private static int from(long bit) {
        return BYTE_MASK >>> (bit & 7);
    }

    /// The bits of a byte up to one.
    private static int upTo(long bit) {
        return BYTE_MASK << lowerBits(bit) & BYTE_MASK;
    }
}
