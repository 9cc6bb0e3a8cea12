package io.caskade.bitcask.store.index;

import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.RecordKind;
import io.caskade.bitcask.segment.SealedSegment;
import java.util.Arrays;

/// Statistics of how many bytes of each segment are live, by segment number. Writer only.
///
/// A record's bytes are those of [Location#bytes], the same when it is added and when it dies. So
/// [#hasDeadPuts] is false exactly when every PUT of the segment is live. Merges use that to decide when
/// tombstones can be dropped.
public final class SegmentStats {

    private static final int FIRST_SEGMENTS = 64;

    /// All PUTs, those of them the keydir points at, TOMBSTONEs and CLEARs together, and MARKs.
    private long[] puts = new long[FIRST_SEGMENTS];

    private long[] live = new long[FIRST_SEGMENTS];
    private long[] tombstones = new long[FIRST_SEGMENTS];
    private long[] marks = new long[FIRST_SEGMENTS];

    /// PUTs that expire, and the first expiry; 0 for never. For a segment opened by its hint, the bytes are
    /// unknown.
    private long[] expiring = new long[FIRST_SEGMENTS];

    private long[] firstExpiry = new long[FIRST_SEGMENTS];

    /// When each further part of the expiring bytes has expired; zeros until it was scanned. And the live bytes
    /// at that scan.
    private long[] expiries = new long[FIRST_SEGMENTS * ExpiryHistogram.STEPS];

    private long[] scannedLive = new long[FIRST_SEGMENTS];

    /// All bytes ever added, without those moved by merges.
    private long added;

    /// The sums over all segments.
    private long totalLive;

    private long totalTombstones;

    /// The index in [#of] of the expiring bytes.
    public static final int EXPIRING = 4;

    /// The number of values in [#of].
    public static final int COLUMNS = 7 + ExpiryHistogram.STEPS;

    /// The statistics of a segment.
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

    /// Restores the statistics returned by [#of].
    public void restore(int segment, long[] columns) {
        reserveSegment(segment);
        totalLive += columns[1] - live[segment];
        totalTombstones += columns[2] - tombstones[segment];
        puts[segment] = columns[0];
        live[segment] = columns[1];
        tombstones[segment] = columns[2];
        marks[segment] = columns[3];
        expiring[segment] = columns[EXPIRING];
        firstExpiry[segment] = columns[5];
        scannedLive[segment] = columns[6];
        System.arraycopy(columns, 7, expiries, segment * ExpiryHistogram.STEPS, ExpiryHistogram.STEPS);
    }

    /// Adds the bytes of a segment's PUTs, all live so far, and of its TOMBSTONEs, whose expiry is unknown.
    void addUnscanned(int segment, long putBytes, long tombstoneBytes) {
        reserveSegment(segment);
        added += putBytes + tombstoneBytes;
        puts[segment] += putBytes;
        live[segment] += putBytes;
        totalLive += putBytes;
        tombstones[segment] += tombstoneBytes;
        totalTombstones += tombstoneBytes;
    }

    /// As many bytes of a segment's PUTs are no longer live.
    void markDead(int segment, long bytes) {
        live[segment] -= bytes;
        totalLive -= bytes;
    }

    void put(long location, long expiresAt) {
        int segment = reserve(location);
        int bytes = Location.bytes(location);
        added += bytes;
        puts[segment] += bytes;
        live[segment] += bytes;
        totalLive += bytes;
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
        totalTombstones += kind == RecordKind.MARK ? 0 : bytes;
    }

    /// Adds a hint's data on MARKs and expiry.
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
        totalLive += isLive ? Location.bytes(location) : 0;
    }

    /// Adds tombstones that a merge kept.
    public void addMovedTombstones(int segment, long bytes) {
        reserveSegment(segment);
        tombstones[segment] += bytes;
        totalTombstones += bytes;
    }

    /// Forgets a segment that was merged away.
    public void forget(int segment) {
        reserveSegment(segment);
        totalLive -= live[segment];
        totalTombstones -= tombstones[segment];
        puts[segment] = 0;
        live[segment] = 0;
        tombstones[segment] = 0;
        marks[segment] = 0;
        expiring[segment] = 0;
        firstExpiry[segment] = 0;
        scannedLive[segment] = 0;
        Arrays.fill(expiries, segment * ExpiryHistogram.STEPS, (segment + 1) * ExpiryHistogram.STEPS, 0);
    }

    /// A PUT that the keydir no longer points at.
    void markDead(long location) {
        markDead(reserve(location), Location.bytes(location));
    }

    void clear() {
        Arrays.fill(live, 0);
        totalLive = 0;
    }

    /// The bytes of all PUTs that the keydir points at, and of the TOMBSTONEs and CLEARs that were not merged
    /// away: what a merge of everything would have to keep, if none of it has expired.
    public long neededBytes() {
        return totalLive + totalTombstones;
    }

    /// Whether a segment has no live PUT; nor, unless these may be dropped, TOMBSTONEs.
    ///
    /// @param droppable whether TOMBSTONEs and CLEARs may be dropped
    public boolean isDead(int segment, boolean droppable) {
        reserveSegment(segment);
        return live[segment] == 0 && (droppable || tombstones[segment] == 0);
    }

    /// Whether a segment has TOMBSTONEs or CLEARs.
    public boolean hasTombstones(int segment) {
        reserveSegment(segment);
        return tombstones[segment] != 0;
    }

    /// Records the result of an expiry scan of a sealed segment.
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

    /// A counter of the record bytes added; only differences are meaningful.
    public long added() {
        return added;
    }

    /// Whether a segment has a PUT that the keydir does not point at: a record that would reappear if nothing
    /// newer hid it.
    public boolean hasDeadPuts(int segment) {
        reserveSegment(segment);
        return puts[segment] != live[segment];
    }

    /// The approximate number of bytes a merge would reclaim. If older records may remain, an expired PUT
    /// becomes a TOMBSTONE, estimated at half its size.
    ///
    /// @param bottommost whether no older record remains that the segment's records could hide
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

    /// A segment's next expiry after the log time; 0 for never.
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

    /// Upper bound of the active segment's dead ratio.
    public double deadRatio(int segment, long logTime) {
        reserveSegment(segment);
        double all = puts[segment] + tombstones[segment] + marks[segment];
        double dead = puts[segment] - live[segment] + marks[segment] + tombstones[segment];
        double expired = isPast(firstExpiry[segment], logTime) ? expiring[segment] : 0;
        return all == 0 ? 0 : Math.min(1, (dead + expired) / all);
    }
}
