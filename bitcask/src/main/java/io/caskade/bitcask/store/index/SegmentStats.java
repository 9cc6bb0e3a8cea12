package io.caskade.bitcask.store.index;

import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.RecordKind;
import io.caskade.bitcask.segment.SealedSegment;
import java.util.Arrays;

/// Statistics of how many bytes of each segment are live, by segment number. For the writer alone.
///
/// A record's bytes are what [Location#bytes] says, the same whether it is added or taken away: so the
/// account of a segment's PUTs is exact in this, that it has none but live ones if and only if [#hasDeadPuts]
/// says so. Merges rest on that when they decide what nothing older is left for.
public final class SegmentStats {

    private static final int FIRST_SEGMENTS = 64;

    /// All PUTs, those of them the keydir points at, TOMBSTONEs and CLEARs together, and MARKs.
    private long[] puts = new long[FIRST_SEGMENTS];

    private long[] live = new long[FIRST_SEGMENTS];
    private long[] tombstones = new long[FIRST_SEGMENTS];
    private long[] marks = new long[FIRST_SEGMENTS];

    /// PUTs that expire, and when the first of them does; 0 for never. Of a segment that was opened by its
    /// hint, the bytes are not known.
    private long[] expiring = new long[FIRST_SEGMENTS];

    private long[] firstExpiry = new long[FIRST_SEGMENTS];

    /// When each further part of the bytes that expire has done so; zeros until it was scanned. How many bytes
    /// were live then.
    private long[] expiries = new long[FIRST_SEGMENTS * ExpiryHistogram.STEPS];

    private long[] scannedLive = new long[FIRST_SEGMENTS];

    /// All that was ever added, but for what merges moved.
    private long added;

    /// Which of the figures of [#of] is how many bytes expire at all.
    public static final int EXPIRING = 4;

    /// How many figures [#of] has.
    public static final int COLUMNS = 7 + ExpiryHistogram.STEPS;

    /// All that is known of a segment.
    public long[] of(int segment) {
        reserveSegment(segment);
        long[] columns = new long[COLUMNS];
        columns[0] = puts[segment];
        columns[1] = live[segment];
        columns[2] = tombstones[segment];
        columns[3] = marks[segment];
        columns[EXPIRING] = expiring[segment];
        columns[5] = firstExpiry[segment];
        columns[6] = scannedLive[segment];
        System.arraycopy(expiries, segment * ExpiryHistogram.STEPS, columns, 7, ExpiryHistogram.STEPS);
        return columns;
    }

    /// Takes up again what [#of] said of a segment.
    public void restore(int segment, long[] columns) {
        reserveSegment(segment);
        puts[segment] = columns[0];
        live[segment] = columns[1];
        tombstones[segment] = columns[2];
        marks[segment] = columns[3];
        expiring[segment] = columns[EXPIRING];
        firstExpiry[segment] = columns[5];
        scannedLive[segment] = columns[6];
        System.arraycopy(columns, 7, expiries, segment * ExpiryHistogram.STEPS, ExpiryHistogram.STEPS);
    }

    /// Adds an account of other records to this one, of which nothing was scanned.
    void addAll(SegmentStats other) {
        added += other.added;
        for (int segment = 0; segment < other.puts.length; segment++) {
            reserveSegment(segment);
            puts[segment] += other.puts[segment];
            live[segment] += other.live[segment];
            tombstones[segment] += other.tombstones[segment];
            marks[segment] += other.marks[segment];
            expiring[segment] += other.expiring[segment];
            recordExpiry(segment, other.firstExpiry[segment]);
        }
    }

    void put(long location, long expiresAt) {
        int segment = reserve(location);
        int bytes = Location.bytes(location);
        added += bytes;
        puts[segment] += bytes;
        live[segment] += bytes;
        if (expiresAt != 0) {
            expiring[segment] += bytes;
            recordExpiry(segment, expiresAt);
        }
    }

    /// Adds a TOMBSTONE, CLEAR or MARK.
    void addUnindexed(RecordKind kind, long location) {
        int segment = reserve(location);
        int bytes = Location.bytes(location);
        added += bytes;
        (kind == RecordKind.MARK ? marks : tombstones)[segment] += bytes;
    }

    /// What a hint tells beside its records.
    public void addHinted(int segment, long marksBytes, long earliestExpiry) {
        reserveSegment(segment);
        marks[segment] += marksBytes;
        recordExpiry(segment, earliestExpiry);
    }

    private void recordExpiry(int segment, long at) {
        if (at != 0 && (firstExpiry[segment] == 0 || at < firstExpiry[segment])) {
            firstExpiry[segment] = at;
        }
    }

    /// A PUT that a merge has moved.
    void addMovedPut(long location, boolean isLive) {
        int segment = reserve(location);
        puts[segment] += Location.bytes(location);
        live[segment] += isLive ? Location.bytes(location) : 0;
    }

    /// Counts tombstones that a merge has kept.
    public void addMovedTombstones(int segment, long bytes) {
        reserveSegment(segment);
        tombstones[segment] += bytes;
    }

    /// A PUT that the keydir no longer points at.
    void markDead(long location) {
        live[reserve(location)] -= Location.bytes(location);
    }

    void clear() {
        Arrays.fill(live, 0);
    }

    /// Records what an expiry scan of a sealed segment found.
    public void recordExpiries(int segment, ExpiryHistogram found) {
        reserveSegment(segment);
        expiring[segment] = found.bytes();
        firstExpiry[segment] = found.part(0);
        for (int part = 0; part < ExpiryHistogram.STEPS; part++) {
            expiries[segment * ExpiryHistogram.STEPS + part] = found.part(part);
        }
        scannedLive[segment] = live[segment];
    }

    private int reserve(long location) {
        int segment = Location.segment(location);
        reserveSegment(segment);
        return segment;
    }

    private void reserveSegment(int segment) {
        if (segment >= puts.length) {
            int larger = Math.max(segment + 1, 2 * puts.length);
            puts = Arrays.copyOf(puts, larger);
            live = Arrays.copyOf(live, larger);
            tombstones = Arrays.copyOf(tombstones, larger);
            marks = Arrays.copyOf(marks, larger);
            expiring = Arrays.copyOf(expiring, larger);
            firstExpiry = Arrays.copyOf(firstExpiry, larger);
            expiries = Arrays.copyOf(expiries, larger * ExpiryHistogram.STEPS);
            scannedLive = Arrays.copyOf(scannedLive, larger);
        }
    }

    /// How many bytes of records were ever added; only the difference between two times means something.
    public long added() {
        return added;
    }

    /// Whether a segment has a PUT that the keydir does not point at: a record that would come back if
    /// nothing newer hid it.
    public boolean hasDeadPuts(int segment) {
        reserveSegment(segment);
        return puts[segment] != live[segment];
    }

    /// About how many bytes a merge would gain. Of what has expired it leaves the keys when older records may
    /// be left, which are taken for half.
    ///
    /// @param bottommost whether no record older than the segment's is left that it could hide
    public long reclaimableBytes(SealedSegment segment, boolean bottommost, long logTime) {
        reserveSegment(segment.number());
        int number = segment.number();
        long all = puts[number] + tombstones[number] + marks[number];
        long expired = expired(number, logTime);
        long kept = bottommost ? live[number] - expired : live[number] + tombstones[number] - expired / 2;
        return all == 0 ? 0 : (long) (segment.bytes() * ((double) Math.max(0, all - kept) / all));
    }

    private long expired(int segment, long logTime) {
        long parts = 0;
        while (parts < ExpiryHistogram.STEPS
                && isPast(expiries[segment * ExpiryHistogram.STEPS + (int) parts], logTime)) {
            parts++;
        }
        double liveFraction = scannedLive[segment] == 0 ? 0 : (double) live[segment] / scannedLive[segment];
        return Math.min(live[segment], (long) (expiring[segment] * liveFraction * parts / ExpiryHistogram.STEPS));
    }

    private static boolean isPast(long expiry, long logTime) {
        return expiry != 0 && expiry <= logTime;
    }

    /// Whether something in a segment has expired and the segment has not been scanned for expiry times yet.
    public boolean needsExpiryScan(int segment, long logTime) {
        reserveSegment(segment);
        return isPast(firstExpiry[segment], logTime) && expiries[segment * ExpiryHistogram.STEPS] == 0;
    }

    /// When, after the log's time, something of a segment expires next; 0 for never.
    public long nextExpiry(int segment, long logTime) {
        reserveSegment(segment);
        if (firstExpiry[segment] > logTime) {
            return firstExpiry[segment];
        }
        for (int part = 0; part < ExpiryHistogram.STEPS; part++) {
            long at = expiries[segment * ExpiryHistogram.STEPS + part];
            if (at > logTime) {
                return at;
            }
        }
        return 0;
    }

    /// Which part of a segment that still grows may be of no use, taking all that may have expired for expired
    /// and no removal for needed.
    public double deadRatio(int segment, long logTime) {
        reserveSegment(segment);
        double all = puts[segment] + tombstones[segment] + marks[segment];
        double dead = puts[segment] - live[segment] + marks[segment] + tombstones[segment];
        double expired = isPast(firstExpiry[segment], logTime) ? expiring[segment] : 0;
        return all == 0 ? 0 : Math.min(1, (dead + expired) / all);
    }
}
