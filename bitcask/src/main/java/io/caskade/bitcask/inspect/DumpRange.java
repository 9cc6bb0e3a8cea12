package io.caskade.bitcask.inspect;

/// Which records to show.
///
/// @param from the first sequence
/// @param to the last sequence
/// @param liveOnly only the newest value of each key that has one, judged by the whole log
public record DumpRange(long from, long to, boolean liveOnly) {

    /// All records.
    public static final DumpRange ALL = new DumpRange(1, Long.MAX_VALUE, false);

    /// Checks the range.
    public DumpRange {
        if (from < 1 || to < from) {
            throw new IllegalArgumentException("records " + from + " to " + to);
        }
    }

    boolean contains(long sequence) {
        return from <= sequence && sequence <= to;
    }
}
