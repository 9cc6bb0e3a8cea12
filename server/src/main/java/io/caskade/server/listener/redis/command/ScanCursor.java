package io.caskade.server.listener.redis.command;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where a `SCAN` goes on, as a number below 2^53, which clients that know only doubles keep exactly.
///
/// @param partition which partition
/// @param position in its hash order, unsigned; 0 for its start
record ScanCursor(int partition, long position) {

    static final ScanCursor START = new ScanCursor(0, 0);

    private static final int BITS = 53;

    /// What C's `strtoul` reads: a sign wraps around, and nothing is 0.
    private static final Pattern NUMBER = Pattern.compile("([+-]?)(0*\\d{1,20})|");

    /// The number of a cursor. Its position is rounded down, to a bucket of the hash space.
    static long encode(ScanCursor cursor, int partitions) {
        return ((long) cursor.partition << positionBits(partitions)) | bucket(cursor.position, partitions);
    }

    /// The bucket of a position: a scan that goes on must start in another one.
    static long bucket(long position, int partitions) {
        return position >>> (Long.SIZE - positionBits(partitions));
    }

    private static int positionBits(int partitions) {
        return BITS - (Integer.SIZE - Integer.numberOfLeadingZeros(partitions - 1));
    }

    /// Reads a cursor; any number that no scan has returned starts where there is nothing left.
    ///
    /// @throws RedisError when it is not a number
    static ScanCursor decode(byte[] argument, int partitions) {
        long number = number(argument);
        int bits = positionBits(partitions);
        long partition = number >>> bits;
        return partition >= partitions
                ? new ScanCursor(partitions, 0)
                : new ScanCursor((int) partition, number << (Long.SIZE - bits));
    }

    private static long number(byte[] argument) {
        Matcher matcher = NUMBER.matcher(Arguments.latin1(argument));
        if (!matcher.matches()) {
            throw invalid();
        }
        String digits = matcher.group(2);
        if (digits == null) {
            return 0;
        }
        try {
            long number = Long.parseUnsignedLong(digits);
            return matcher.group(1).equals("-") ? -number : number;
        } catch (NumberFormatException e) {
            throw invalid();
        }
    }

    private static RedisError invalid() {
        return new RedisError("ERR invalid cursor");
    }
}
