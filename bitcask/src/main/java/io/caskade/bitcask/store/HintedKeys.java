package io.caskade.bitcask.store;

import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.keydir.KeydirFiller;
import io.caskade.bitcask.log.Hint;
import io.caskade.bitcask.log.Location;
import io.caskade.bitcask.log.RecordKind;
import java.util.ArrayList;
import java.util.List;

/// Brings what hints say into the keydir while it is opened, some millions of entries at a time: sorted by where in
/// the keydir they belong, so that each small part of it is written in one go, and several at once.
///
/// Within a part entries keep the order of their records. A CLEAR is about all parts: its hint is applied by itself.
final class HintedKeys {

    /// When so many have been collected they are applied: what is in memory beside the keydir is bounded.
    private static final int MOST_ENTRIES = 2 << 20;

    /// Parts of the keydir are told by so many bits of a hash: of ten million keys, one fits into a processor's cache.
    private static final int PART_BITS = 8;

    private static final int LONGS_AN_ENTRY = 3;

    /// Marks the location of a TOMBSTONE; locations are positive.
    private static final long REMOVAL = Long.MIN_VALUE;

    private record Collected(Hint hint, int segment) {}

    private final Keydir keydir;
    private final Index index;
    private final List<Collected> hints = new ArrayList<>();

    /// Hash, upper and lower half, and location of each entry.
    private long[] sorted = {};

    private int entries;

    HintedKeys(Keydir keydir, Index index) {
        this.keydir = keydir;
        this.index = index;
    }

    /// Takes the hint of a segment, which is newer than all before.
    void add(Hint hint, int segment) {
        if (hint.hasClear()) {
            flush();
            hint.forEach(segment, (kind, hash, location) -> index.apply(kind, hash, location, 0));
            return;
        }
        hints.add(new Collected(hint, segment));
        entries += hint.entries();
        if (entries >= MOST_ENTRIES) {
            flush();
        }
    }

    /// Brings all that was taken into the keydir.
    void flush() {
        if (hints.isEmpty()) {
            return;
        }
        KeydirFiller filler = new KeydirFiller(keydir, PART_BITS);
        int[][] places = places(filler);
        int[] ends = places[hints.size()];
        Parts.runAll(hints.size(), i -> sort(filler, hints.get(i), places[i]));
        Usage[] usages = new Usage[filler.ranges()];
        Parts.runAll(filler.ranges(), range -> {
            usages[range] = new Usage();
            apply(filler, range == 0 ? 0 : ends[range - 1], ends[range], usages[range]);
        });
        for (Usage usage : usages) {
            index.usage().addAll(usage);
        }
        filler.done();
        hints.clear();
        entries = 0;
    }

    /// Where each hint's first entry of each range goes; behind the last hint, where each range ends.
    private int[][] places(KeydirFiller filler) {
        int[][] counts = new int[hints.size() + 1][filler.ranges()];
        Parts.runAll(hints.size(), i -> {
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
        if (sorted.length < place * LONGS_AN_ENTRY) {
            sorted = new long[place * LONGS_AN_ENTRY];
        }
        return counts;
    }

    private void sort(KeydirFiller filler, Collected collected, int[] places) {
        Hint hint = collected.hint();
        for (int entry = 0; entry < hint.entries(); entry++) {
            long high = hint.high(entry);
            int at = places[filler.rangeOf(high)]++ * LONGS_AN_ENTRY;
            long location = hint.location(entry, collected.segment());
            sorted[at] = high;
            sorted[at + 1] = hint.low(entry);
            sorted[at + 2] = hint.kind(entry) == RecordKind.PUT ? location : location | REMOVAL;
        }
    }

    private void apply(KeydirFiller filler, int from, int to, Usage usage) {
        for (int at = from * LONGS_AN_ENTRY; at < to * LONGS_AN_ENTRY; at += LONGS_AN_ENTRY) {
            long location = sorted[at + 2] & ~REMOVAL;
            long before;
            if (location == sorted[at + 2]) {
                usage.put(location, 0);
                before = filler.put(sorted[at], sorted[at + 1], location);
            } else {
                usage.other(RecordKind.TOMBSTONE, location);
                before = filler.remove(sorted[at], sorted[at + 1]);
            }
            if (before != Location.NONE) {
                usage.dead(before);
            }
        }
    }
}
