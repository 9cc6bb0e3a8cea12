package io.caskade.bitcask.store.index;

import io.caskade.bitcask.hint.Hint;
import io.caskade.bitcask.hint.Parallelism;
import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.keydir.KeydirFiller;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.RecordKind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/// Loads hints into the keydir while a store opens, some millions of entries at a time, sorted by range of the
/// keydir so that ranges can be written in parallel, each in one pass.
///
/// Within a range, entries keep the order of their records. A CLEAR affects all ranges: its hint is applied
/// separately.
public final class HintedKeys {

    /// Collected entries are applied at this number, which bounds the additional memory.
    private static final int MAX_ENTRIES = 2 << 20;

    /// The number of hash bits that select the range: with ten million keys, a range fits into a processor's
    /// cache.
    private static final int PART_BITS = 8;

    private static final int LONGS_PER_ENTRY = 3;

    /// Marks the location of a TOMBSTONE; locations are positive.
    private static final long TOMBSTONE_BIT = Long.MIN_VALUE;

    private record Collected(Hint hint, int segment) {}

    private final Keydir keydir;
    private final KeydirIndex index;
    private final Parallelism parallelism;
    private final List<Collected> hints = new ArrayList<>();

    /// Hash, upper and lower half, and location of each entry.
    private long[] sorted = {};

    private int entries;

    /// Loads hints into a keydir and its index.
    public HintedKeys(Keydir keydir, KeydirIndex index, Parallelism parallelism) {
        this.parallelism = parallelism;
        this.keydir = keydir;
        this.index = index;
    }

    /// Adds the hint of a segment newer than all before.
    public void add(Hint hint, int segment) {
        if (hint.hasClear()) {
            flush();
            hint.forEach(segment, (kind, hash, location) -> index.apply(kind, hash, location, 0));
            return;
        }
        hints.add(new Collected(hint, segment));
        entries += hint.entries();
        if (entries >= MAX_ENTRIES) {
            flush();
        }
    }

    /// Applies all collected hints to the keydir.
    public void flush() {
        if (hints.isEmpty()) {
            return;
        }
        KeydirFiller filler = new KeydirFiller(keydir, PART_BITS);
        int[][] places = places(filler);
        int[] ends = places[hints.size()];
        long[] puts = new long[hints.size()];
        long[] tombstones = new long[hints.size()];
        ParallelTasks.runAll(parallelism, hints.size(), i -> {
            sort(filler, hints.get(i), places[i]);
            sum(i, puts, tombstones);
        });
        // One sum for all ranges: with many segments, statistics for each range would not fit into memory.
        AtomicLongArray dead = new AtomicLongArray(hints.getLast().segment() + 1);
        ParallelTasks.runAll(
                parallelism,
                filler.ranges(),
                range -> apply(filler, range == 0 ? 0 : ends[range - 1], ends[range], dead));
        SegmentStats stats = index.stats();
        for (int i = 0; i < hints.size(); i++) {
            stats.addUnscanned(hints.get(i).segment(), puts[i], tombstones[i]);
        }
        for (int segment = 0; segment < dead.length(); segment++) {
            if (dead.get(segment) != 0) {
                stats.markDead(segment, dead.get(segment));
            }
        }
        filler.done();
        hints.clear();
        entries = 0;
    }

    /// The position of each hint's first entry per range; after the last hint, the end of each range.
    private int[][] places(KeydirFiller filler) {
        int[][] counts = new int[hints.size() + 1][filler.ranges()];
        ParallelTasks.runAll(parallelism, hints.size(), i -> {
            Hint hint = hints.get(i).hint();
            for (int entry = 0; entry < hint.entries(); entry++) {
                counts[i][filler.rangeOf(hint.high(entry))]++;
            }
        });
        int place = 0;
        for (int range = 0; range < filler.ranges(); range++) {
            for (int[] hint : counts) {
                int count = hint[range];
                hint[range] = place;
                place += count;
            }
        }
        if (sorted.length < place * LONGS_PER_ENTRY) {
            sorted = new long[place * LONGS_PER_ENTRY];
        }
        return counts;
    }

    private void sort(KeydirFiller filler, Collected collected, int[] places) {
        Hint hint = collected.hint();
        for (int entry = 0; entry < hint.entries(); entry++) {
            long high = hint.high(entry);
            int at = places[filler.rangeOf(high)]++ * LONGS_PER_ENTRY;
            long location = hint.location(entry, collected.segment());
            sorted[at] = high;
            sorted[at + 1] = hint.low(entry);
            sorted[at + 2] = hint.kind(entry) == RecordKind.PUT ? location : location | TOMBSTONE_BIT;
        }
    }

    private void sum(int i, long[] puts, long[] tombstones) {
        Hint hint = hints.get(i).hint();
        for (int entry = 0; entry < hint.entries(); entry++) {
            long bytes = Location.bytes(hint.location(entry, hints.get(i).segment()));
            (hint.kind(entry) == RecordKind.PUT ? puts : tombstones)[i] += bytes;
        }
    }

    private void apply(KeydirFiller filler, int from, int to, AtomicLongArray dead) {
        for (int at = from * LONGS_PER_ENTRY; at < to * LONGS_PER_ENTRY; at += LONGS_PER_ENTRY) {
            long location = sorted[at + 2] & ~TOMBSTONE_BIT;
            long before;
            if (location == sorted[at + 2]) {
                before = filler.put(sorted[at], sorted[at + 1], location);
            } else {
                before = filler.remove(sorted[at], sorted[at + 1]);
            }
            if (before != Location.NONE) {
                dead.addAndGet(Location.segment(before), Location.bytes(before));
            }
        }
    }
}
