package io.caskade.server.listener.redis.command;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// A number among the bits of a value, as `i8` or `u32`. Beyond the value's end all bits are 0.
///
/// @param bits up to 64, or 63 when it has no sign
record BitField(boolean signed, int bits) {

    private static final String INVALID =
            "ERR Invalid bitfield type. Use something like i16 u8." + " Note that u64 is not supported but i64 is.";

    /// What becomes of a number that does not fit.
    enum Overflow {
        /// Its lowest bits remain.
        WRAP,
        /// It becomes the largest or smallest number that fits.
        SAT,
        /// Nothing is written.
        FAIL
    }

    /// Reads a type.
    ///
    /// @throws RedisError when it is none
    static BitField parse(byte[] argument) {
        String text = Arguments.latin1(argument);
        boolean signed = text.startsWith("i");
        if (!signed && !text.startsWith("u")) {
            throw new RedisError(INVALID);
        }
        long bits;
        try {
            bits = Arguments.integer(text.substring(1).getBytes(StandardCharsets.ISO_8859_1));
        } catch (RedisError e) {
            throw new RedisError(INVALID);
        }
        if (bits < 1 || bits > (signed ? Long.SIZE : Long.SIZE - 1)) {
            throw new RedisError(INVALID);
        }
        return new BitField(signed, (int) bits);
    }

    /// The number at an offset.
    long read(byte[] value, long offset) {
        long number = 0;
        for (int i = 0; i < bits; i++) {
            number = number << 1 | (Bits.get(value, offset + i) ? 1 : 0);
        }
        return wrap(number);
    }

    /// Writes a number that fits to bits that the value has.
    void write(byte[] value, long offset, long number) {
        for (int i = 0; i < bits; i++) {
            Bits.set(value, offset + i, (number >>> (bits - 1 - i) & 1) != 0);
        }
    }

    /// A sum as it is written; null when it is not.
    @Nullable
    Long sum(long number, long increment, Overflow overflow) {
        return fit(BigInteger.valueOf(number).add(BigInteger.valueOf(increment)), overflow);
    }

    /// An argument as it is written; null when it is not. For a field without a sign a negative one is a very
    /// large number.
    @Nullable
    Long fit(long argument, Overflow overflow) {
        return fit(signed ? BigInteger.valueOf(argument) : new BigInteger(Long.toUnsignedString(argument)), overflow);
    }

    private @Nullable Long fit(BigInteger number, Overflow overflow) {
        long most = signed ? Long.MAX_VALUE >>> (Long.SIZE - bits) : (1L << bits) - 1;
        long least = signed ? -most - 1 : 0;
        boolean above = number.compareTo(BigInteger.valueOf(most)) > 0;
        boolean below = number.compareTo(BigInteger.valueOf(least)) < 0;
        if (!above && !below) {
            return number.longValue();
        }
        return switch (overflow) {
            case WRAP -> wrap(number.longValue());
            case SAT -> above ? most : least;
            case FAIL -> null;
        };
    }

    /// The number that the lowest bits are.
    private long wrap(long number) {
        int unused = Long.SIZE - bits;
        return signed ? number << unused >> unused : number << unused >>> unused;
    }
}
