package io.caskade.client;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A position in a scan of all partitions. A scan can resume there at any later time, also in another process.
///
/// @param partition the partition that is being listed, 0 or more
/// @param position  where in it, unsigned, as returned by the partition's leader; 0 is its start
public record ScanCursor(int partition, long position) {

    /// The start of a scan.
    public static final ScanCursor START = new ScanCursor(0, 0);

    private static final Pattern TEXT = Pattern.compile("(\\d{1,5}):(\\d{1,20})");

    /// Rejects a negative partition.
    public ScanCursor {
        if (partition < 0) {
            throw new IllegalArgumentException("the partition must not be negative: " + partition);
        }
    }

    /// Parses the text of [#toString()].
    ///
    /// @throws IllegalArgumentException when the text is anything else
    public static ScanCursor parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a cursor: " + text);
        }
        return new ScanCursor(Integer.parseInt(matcher.group(1)), Long.parseUnsignedLong(matcher.group(2)));
    }

    /// `partition:position`.
    @Override
    public String toString() {
        return partition + ":" + Long.toUnsignedString(position);
    }
}
