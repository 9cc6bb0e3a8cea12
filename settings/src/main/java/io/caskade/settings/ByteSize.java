package io.caskade.settings;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A number of bytes, written with its unit: `512B`, `16KiB`, `64MiB`, `1GiB`, `2TiB`.
///
/// @param bytes at least 0
public record ByteSize(long bytes) implements Comparable<ByteSize> {

    private static final Pattern TEXT = Pattern.compile("(\\d{1,18})(B|KiB|MiB|GiB|TiB)");

    /// Refuses a negative number.
    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size cannot be negative: " + bytes);
        }
    }

    /// The size that `text` names, a whole number and one of the units.
    ///
    /// @throws IllegalArgumentException when it is anything else, or more than 2^63 - 1 bytes
    public static ByteSize parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a size: " + text);
        }
        try {
            Unit unit = Unit.valueOf(matcher.group(2).toUpperCase(Locale.ROOT));
            return new ByteSize(Math.multiplyExact(Long.parseLong(matcher.group(1)), unit.bytes));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("too large a size: " + text, e);
        }
    }

    /// The number of bytes as an `int`.
    ///
    /// @throws ArithmeticException when there are more than 2^31 - 1
    public int toIntBytes() {
        return Math.toIntExact(bytes);
    }

    @Override
    public int compareTo(ByteSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /// The size in the largest unit that needs no fraction, as [#parse(String)] reads it.
    @Override
    public String toString() {
        Unit best = Unit.B;
        for (Unit unit : Unit.values()) {
            if (bytes != 0 && bytes % unit.bytes == 0) {
                best = unit;
            }
        }
        return bytes / best.bytes + best.symbol;
    }

    private enum Unit {
        B("B", 0),
        KIB("KiB", 10),
        MIB("MiB", 20),
        GIB("GiB", 30),
        TIB("TiB", 40);

        private final String symbol;
        private final long bytes;

        Unit(String symbol, int shift) {
            this.symbol = symbol;
            this.bytes = 1L << shift;
        }
    }
}
