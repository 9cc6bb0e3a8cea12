package io.caskade.bitcask.segment;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The parts of a segment's file name: the base in twenty digits, and for a merged one also the last sequence
/// of its span and how often it was merged: `<base>.log`, `<base>-<last>-<generation>.log`. Names are written
/// with the digits 0 to 9 in every locale. Names with other decimal digits are read as well: earlier builds
/// gave them to merged segments.
///
/// @param last the last sequence of a merged segment's span; 0 for others
/// @param generation 0 for a segment that was not merged
public record SegmentName(long base, long last, int generation) {

    /// In the order of the log; of several with the same base the one that replaces the others comes first.
    public static final Comparator<SegmentName> ORDER = Comparator.comparingLong(SegmentName::base)
            .thenComparing(Comparator.comparingLong(SegmentName::last).reversed())
            .thenComparing(Comparator.comparingInt(SegmentName::generation).reversed());

    private static final int DECIMAL = 10;
    private static final int GENERATION_DIGITS = 10;
    private static final Pattern MERGED = Pattern.compile("(0\\d{19})-(0\\d{19})-(0\\d{9})\\.log");

    /// Parses a file name; empty when it is not a segment's.
    public static Optional<SegmentName> of(Path file) {
        String text = withAsciiDigits(String.valueOf(file.getFileName()));
        Matcher merged = MERGED.matcher(text);
        if (merged.matches()) {
            return Optional.of(new SegmentName(
                    Long.parseLong(merged.group(1)),
                    Long.parseLong(merged.group(2)),
                    Integer.parseInt(merged.group(3))));
        }
        return SegmentFormat.baseSequence(text).stream()
                .mapToObj(base -> new SegmentName(base, 0, 0))
                .findFirst();
    }

    /// The name of a file that is known to be a segment.
    public static SegmentName require(Path file) {
        return of(file).orElseThrow();
    }

    /// Whether it names a merged segment.
    public boolean isMerged() {
        return generation > 0;
    }

    /// Whether another segment has been merged into this one.
    public boolean supersedes(SegmentName other) {
        return isMerged()
                && base <= other.base
                && other.base <= last
                && (last > other.last || (last == other.last && generation > other.generation));
    }

    /// The name of the file.
    public String fileName() {
        return isMerged()
                ? SegmentFormat.digits(base, SegmentFormat.BASE_DIGITS)
                        + "-" + SegmentFormat.digits(last, SegmentFormat.BASE_DIGITS)
                        + "-" + SegmentFormat.digits(generation, GENERATION_DIGITS)
                        + SegmentFormat.SUFFIX
                : SegmentFormat.fileName(base);
    }

    /// The text with the decimal digits of any script as those from 0 to 9.
    private static String withAsciiDigits(String text) {
        StringBuilder ascii = new StringBuilder(text.length());
        text.codePoints()
                .forEach(c -> ascii.appendCodePoint(Character.isDigit(c) ? '0' + Character.digit(c, DECIMAL) : c));
        return ascii.toString();
    }
}
