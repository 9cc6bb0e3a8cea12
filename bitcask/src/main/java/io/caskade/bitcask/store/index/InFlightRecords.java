package io.caskade.bitcask.store.index;

import io.caskade.bitcask.record.PendingRecord;
import io.caskade.bitcask.record.RecordKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The uncommitted records in the log, oldest first, with their effect on the keydir. A growing ring buffer
/// without garbage.
public final class InFlightRecords {

    private static final int FIRST_CAPACITY = 64;

    /// One record's effect.
    ///
    /// @param high with `low` the hash of its key; meaningless for a MARK or CLEAR
    /// @param time a MARK's; when a PUT expires, 0 for never; 0 of others
    public record Effect(long sequence, RecordKind kind, long high, long low, long location, long time) {}

    // One record's effect is spread over these, at the same index; their length is a power of two.
    private RecordKind[] kinds = new RecordKind[FIRST_CAPACITY];
    private long[] sequences = new long[FIRST_CAPACITY];
    private long[] highs = new long[FIRST_CAPACITY];
    private long[] lows = new long[FIRST_CAPACITY];
    private long[] locations = new long[FIRST_CAPACITY];
    private long[] times = new long[FIRST_CAPACITY];

    /// Both only grow; the ring holds `[first, next)`.
    private long first;

    private long next;

    /// Adds the newest record.
    public void add(Effect effect) {
        add(effect.sequence(), effect.kind(), effect.high(), effect.low(), effect.location(), effect.time());
    }

    /// Adds the newest record, as above.
    ///
    /// @param high with `low` the hash of its key; meaningless for a MARK or CLEAR
    /// @param time a MARK's; when a PUT expires, 0 for never; 0 of others
    public void add(long sequence, RecordKind kind, long high, long low, long location, long time) {
        if (next - first == kinds.length) {
            grow();
        }
        int at = index(next);
        kinds[at] = kind;
        sequences[at] = sequence;
        highs[at] = high;
        lows[at] = low;
        locations[at] = location;
        times[at] = time;
        next++;
    }

    /// Moves all records so that the first one is at the start of the larger ring.
    private void grow() {
        int shift = index(first);
        kinds = straightened(kinds, shift);
        sequences = straightened(sequences, shift);
        highs = straightened(highs, shift);
        lows = straightened(lows, shift);
        locations = straightened(locations, shift);
        times = straightened(times, shift);
        next -= first;
        first = 0;
    }

    private static RecordKind[] straightened(RecordKind[] ring, int shift) {
        RecordKind[] longer = Arrays.copyOfRange(ring, shift, shift + 2 * ring.length);
        System.arraycopy(ring, 0, longer, ring.length - shift, shift);
        return longer;
    }

    private static long[] straightened(long[] ring, int shift) {
        long[] longer = Arrays.copyOfRange(ring, shift, shift + 2 * ring.length);
        System.arraycopy(ring, 0, longer, ring.length - shift, shift);
        return longer;
    }

    private int index(long number) {
        return (int) number & kinds.length - 1;
    }

    /// All records, oldest first.
    public List<Effect> all() {
        List<Effect> all = new ArrayList<>();
        for (long i = first; i < next; i++) {
            int at = index(i);
            all.add(new Effect(sequences[at], kinds[at], highs[at], lows[at], locations[at], times[at]));
        }
        return all;
    }

    /// The newest record of the key with this hash, or a CLEAR after it. Looks at every record.
    public Optional<PendingRecord> newest(long high, long low) {
        for (long i = next - 1; i >= first; i--) {
            int at = index(i);
            boolean isKeys = kinds[at] != RecordKind.MARK && highs[at] == high && lows[at] == low;
            if (isKeys || kinds[at] == RecordKind.CLEAR) {
                return Optional.of(new PendingRecord(kinds[at], sequences[at], times[at]));
            }
        }
        return Optional.empty();
    }

    /// Whether the oldest record is at or before a sequence.
    public boolean hasRecordUpTo(long sequence) {
        return first < next && sequences[index(first)] <= sequence;
    }

    /// Applies the oldest record to the index and removes it.
    ///
    /// @return a MARK's time; 0 for others
    public long applyFirst(KeydirIndex index) {
        int at = index(first);
        index.apply(kinds[at], highs[at], lows[at], locations[at], times[at]);
        first++;
        return kinds[at] == RecordKind.MARK ? times[at] : 0;
    }

    /// Removes the records after a sequence.
    public void dropAfter(long sequence) {
        while (first < next && sequences[index(next - 1)] > sequence) {
            next--;
        }
    }
}
