package io.caskade.server.listener.redis.command;

import java.nio.charset.StandardCharsets;

/// Reads what arguments say, as strictly as Redis.
final class Arguments {

    private static final int MAX_DIGITS = 20;

    private Arguments() {}

    /// An argument's bytes, each a character: for words that are compared, and for errors.
    static String latin1(byte[] argument) {
        return new String(argument, StandardCharsets.ISO_8859_1);
    }

    /// Whether an argument is a word, in whatever case.
    static boolean is(byte[] argument, String word) {
        if (argument.length != word.length()) {
            return false;
        }
        for (int i = 0; i < argument.length; i++) {
            if (lower(argument[i]) != lower((byte) word.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    static byte lower(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b + ('a' - 'A')) : b;
    }

    /// A whole number: no plus sign, no leading zeros, no spaces.
    ///
    /// @throws RedisError when it is none, or has more than 64 bits
    static long integer(byte[] argument) {
        if (argument.length == 0 || argument.length > MAX_DIGITS) {
            throw RedisError.notAnInteger();
        }
        String text = latin1(argument);
        try {
            long number = Long.parseLong(text);
            if (Long.toString(number).equals(text)) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw RedisError.notAnInteger();
        }
        throw RedisError.notAnInteger();
    }

    /// Whether an argument is `yes` or `no`, or another pair of words.
    ///
    /// @throws RedisError when it is neither
    static boolean either(byte[] argument, String yes, String no) {
        if (is(argument, yes)) {
            return true;
        }
        if (is(argument, no)) {
            return false;
        }
        throw RedisError.syntax();
    }
}
