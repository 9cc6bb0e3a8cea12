package io.caskade.bitcask.store;

import io.caskade.bitcask.log.FullSegment;
import io.caskade.bitcask.log.Location;
import io.caskade.bitcask.log.RecordKind;
import java.util.Arrays;

/// How many bytes of each segment are still of use, by segment number. For the writer alone.
///
/// A record's bytes are what [Location#bytes] says, the same whether it is added or taken away: so the
/// account of a segment's PUTs is exact in this, that it has none but live ones if and only if [#hasDeadPuts]
/// says so. Merges rest on that when they decide what nothing older is left for.
final class Usage {

    private static final int FIRST_SEGMENTS = 64;

    /// All PUTs, those of them the keydir points at, TOMBSTONEs and CLEARs together, and MARKs.
    private long[] puts = new long[FIRST_SEGMENTS];

    private long[] live = new long[FIRST_SEGMENTS];
    private long[] removals = new long[FIRST_SEGMENTS];
    private long[] marks = new long[FIRST_SEGMENTS];

    /// PUTs that expire, and when the first of them does; 0 for never. Of a segment that was opened by its
    /// hint, the bytes are not known.
    private long[] expiring = new long[FIRST_SEGMENTS];

    private long[] firstExpiry = new long[FIRST_SEGMENTS];

    /// When each further part of the bytes that expire has done so; zeros until it was surveyed. How many
    /// bytes were live then.
    private long[] expiries = new long[FIRST_SEGMENTS * Expiries.PARTS];

    private long[] surveyed = new long[FIRST_SEGMENTS];

    /// All that was ever added, but for what merges moved.
    private long added;

    /// Which of the figures of [#of] is how many bytes expire at all.
    static final int EXPIRING = 4;

    /// How many figures [#of] has.
    static final int COLUMNS = 7 + Expiries.PARTS;

    /// All that is known of a segment.
    long[] of(int segment) {
        reserveSegment(segment);
        long[] columns = new long[COLUMNS];
        columns[0] = puts[segment];
        columns[1] = live[segment];
        columns[2] = removals[segment];
        columns[3] = marks[segment];
        columns[EXPIRING] = expiring[segment];
        columns[5] = firstExpiry[segment];
        columns[6] = surveyed[segment];
        System.arraycopy(expiries, segment * Expiries.PARTS, columns, 7, Expiries.PARTS);
        return columns;
    }

    /// Takes up again what [#of] said of a segment.
    void restore(int segment, long[] columns) {
        reserveSegment(segment);
        puts[segment] = columns[0];
        live[segment] = columns[1];
        removals[segment] = columns[2];
        marks[segment] = columns[3];
        expiring[segment] = columns[EXPIRING];
        firstExpiry[segment] = columns[5];
        surveyed[segment] = columns[6];
        System.arraycopy(columns, 7, expiries, segment * Expiries.PARTS, Expiries.PARTS);
    }

    /// Adds an account of other records to this one, of which nothing was surveyed.
    void addAll(Usage other) {
        added += other.added;
        for (int segment = 0; segment < other.puts.length; segment++) {
            reserveSegment(segment);
            puts[segment] += other.puts[segment];
            live[segment] += other.live[segment];
            removals[segment] += other.removals[segment];
            marks[segment] += other.marks[segment];
            expiring[segment] += other.expiring[segment];
            expires(segment, other.firstExpiry[segment]);
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
            expires(segment, expiresAt);
        }
    }

    /// A TOMBSTONE, CLEAR or MARK.
    void other(RecordKind kind, long location) {
        int segment = reserve(location);
        int bytes = Location.bytes(location);
        added += bytes;
        (kind == RecordKind.MARK ? marks : removals)[segment] += bytes;
    }

    /// What a hint tells beside its records.
    void hint(int segment, long marksBytes, long earliestExpiry) {
        reserveSegment(segment);
        marks[segment] += marksBytes;
        expires(segment, earliestExpiry);
    }

    private void expires(int segment, long at) {
        if (at != 0 && (firstExpiry[segment] == 0 || at < firstExpiry[segment])) {
            firstExpiry[segment] = at;
        }
    }

    /// A PUT that a merge has moved.
    void moved(long location, boolean isLive) {
        int segment = reserve(location);
        puts[segment] += Location.bytes(location);
        live[segment] += isLive ? Location.bytes(location) : 0;
    }

    /// Removals that a merge has kept.
    void removalsMoved(int segment, long bytes) {
        reserveSegment(segment);
        removals[segment] += bytes;
    }

    /// A PUT the keydir does not point at any more.
    void dead(long location) {
        live[reserve(location)] -= Location.bytes(location);
    }

    void clear() {
        Arrays.fill(live, 0);
    }

    /// What a survey of a full segment has found.
    void survey(int segment, Expiries found) {
        reserveSegment(segment);
        expiring[segment] = found.bytes();
        firstExpiry[segment] = found.part(0);
        for (int part = 0; part < Expiries.PARTS; part++) {
            expiries[segment * Expiries.PARTS + part] = found.part(part);
        }
        surveyed[segment] = live[segment];
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
            removals = Arrays.copyOf(removals, larger);
            marks = Arrays.copyOf(marks, larger);
            expiring = Arrays.copyOf(expiring, larger);
            firstExpiry = Arrays.copyOf(firstExpiry, larger);
            expiries = Arrays.copyOf(expiries, larger * Expiries.PARTS);
            surveyed = Arrays.copyOf(surveyed, larger);
        }
    }

    /// How many bytes of records were ever added; only the difference between two times means something.
    long added() {
        return added;
    }

    /// Whether a segment has a PUT that the keydir does not point at: a record that would come back if
    /// nothing newer hid it.
    boolean hasDeadPuts(int segment) {
        reserveSegment(segment);
        return puts[segment] != live[segment];
    }

    /// About how many bytes a merge would gain. Of what has expired it leaves the keys when older records may be
    /// left, which are taken for half.
    ///
    /// @param purges whether no record older than the segment's is left that it could hide
    long gain(FullSegment segment, boolean purges, long logTime) {
        reserveSegment(segment.number());
        int number = segment.number();
        long all = puts[number] + removals[number] + marks[number];
        long expired = expired(number, logTime);
        long kept = purges ? live[number] - expired : live[number] + removals[number] - expired / 2;
        return all == 0 ? 0 : (long) (segment.bytes() * ((double) Math.max(0, all - kept) / all));
    }

    private long expired(int segment, long logTime) {
        long parts = 0;
        while (parts < Expiries.PARTS && isPast(expiries[segment * Expiries.PARTS + (int) parts], logTime)) {
            parts++;
        }
        double ofThoseSurveyed = surveyed[segment] == 0 ? 0 : (double) live[segment] / surveyed[segment];
        return Math.min(live[segment], (long) (expiring[segment] * ofThoseSurveyed * parts / Expiries.PARTS));
    }

    private static boolean isPast(long expiry, long logTime) {
        return expiry != 0 && expiry <= logTime;
    }

    /// Whether something in a segment has expired and nobody has looked yet how much will have when.
    boolean needsSurvey(int segment, long logTime) {
        reserveSegment(segment);
        return isPast(firstExpiry[segment], logTime) && expiries[segment * Expiries.PARTS] == 0;
    }

    /// When, after the log's time, something of a segment expires next; 0 for never.
    long nextExpiry(int segment, long logTime) {
        reserveSegment(segment);
        if (firstExpiry[segment] > logTime) {
            return firstExpiry[segment];
        }
        for (int part = 0; part < Expiries.PARTS; part++) {
            long at = expiries[segment * Expiries.PARTS + part];
            if (at > logTime) {
                return at;
            }
        }
        return 0;
    }

    /// Which part of a segment that still grows may be of no use, taking all that may have expired for expired
    /// and no removal for needed.
    double deadPart(int segment, long logTime) {
        reserveSegment(segment);
        double all = puts[segment] + removals[segment] + marks[segment];
        double dead = puts[segment] - live[segment] + marks[segment] + removals[segment];
        double expired = isPast(firstExpiry[segment], logTime) ? expiring[segment] : 0;
        return all == 0 ? 0 : Math.min(1, (dead + expired) / all);
    }
}
