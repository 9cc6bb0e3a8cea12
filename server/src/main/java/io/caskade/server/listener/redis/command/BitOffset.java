package io.caskade.server.listener.redis.command;

import java.util.Arrays;

/// Reads the offsets of bits, and bounds how long a value becomes by them.
final class BitOffset {

    /// A value of Redis has up to 512 MiB.
    private static final long MAX = (1L << 32) - 1;

    private BitOffset() {}

    /// An offset.
    ///
    /// @throws RedisError when it is not a number from 0 to 2^32-1
    static long parse(byte[] argument) {
        return require(number(argument));
    }

    /// An offset, or the number of a field of so many bits, `#3`.
    ///
    /// @throws RedisError when it is not a number, or the offset is not from 0 to 2^32-1
    static long parse(byte[] argument, int bits) {
        if (argument.length == 0 || argument[0] != '#') {
            return parse(argument);
        }
        long field = require(number(Arrays.copyOfRange(argument, 1, argument.length)));
        return require(field * bits);
    }

    private static long number(byte[] argument) {
        try {
            return Arguments.integer(argument);
        } catch (RedisError e) {
            throw invalid();
        }
    }

    private static long require(long offset) {
        if (offset < 0 || offset > MAX) {
            throw invalid();
        }
        return offset;
    }

    private static RedisError invalid() {
        return new RedisError("ERR bit offset is not an integer or out of range");
    }

    /// How many bytes a value must have for a bit.
    ///
    /// @param maxValueBytes the longest value
    /// @throws RedisError when the value would be too long
    static int requireFitting(long offset, int maxValueBytes) {
        long bytes = (offset >>> 3) + 1;
        if (bytes > maxValueBytes) {
            throw new RedisError("ERR string exceeds maximum allowed size (storage.max-value-size)");
        }
        return (int) bytes;
    }
}
