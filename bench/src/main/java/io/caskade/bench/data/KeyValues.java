package io.caskade.bench.data;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The keys and values of a run: key number `i` is the same bytes in every run, and keys in the order of
/// their numbers come in random order. Values do not compress. Immutable.
///
/// @param keyBytes at least 8
/// @param valueBytes how many bytes values have
/// @param seed of everything
public record KeyValues(int keyBytes, int valueBytes, long seed) {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

    /// The key of a number; no two numbers have the same.
    public byte[] key(long number) {
        return bytes(keyBytes, mix(number + seed));
    }

    /// A value; others for other versions of the same key.
    public byte[] value(long number, long version) {
        return bytes(valueBytes, mix(mix(number + seed) + version + 1));
    }

    /// Bytes that are drawn from a state, which is their first 8.
    private static byte[] bytes(int length, long state) {
        byte[] bytes = new byte[length];
        long next = state;
        int at = 0;
        for (; at + Long.BYTES <= length; at += Long.BYTES) {
            LONGS.set(bytes, at, next);
            next = mix(next + GOLDEN_GAMMA);
        }
        for (; at < length; at++) {
            bytes[at] = (byte) next;
            next >>>= Byte.SIZE;
        }
        return bytes;
    }

    /// A bijection that scatters, SplitMix64's.
    public static long mix(long number) {
        long z = number;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
