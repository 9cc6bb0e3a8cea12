package io.caskade.bitcask.keydir;

import java.util.concurrent.atomic.AtomicLong;

/// An ordered hash map from 128-bit key hashes to locations, off the heap and without an object per key.
///
/// The hash space is cut into ranges, each a [Shard] that grows and splits on its own, so no growth moves
/// more than one shard's entries (extendible hashing, after [Fagin et al.
/// 1979](https://doi.org/10.1145/320083.320092), with ordered tables for buckets). Entries lie in hash order,
/// which is what lets a scan be resumed by a position in the hash space whatever has grown, merged or failed
/// over meanwhile.
///
/// One thread calls [#put], [#remove] and [#clear]; any thread may call the rest.
public final class Keydir {

    /// What stands for no location; locations are positive.
    public static final long NONE = 0;

    private static final int FIRST_CAPACITY = 64;

    /// A shard that would become larger is split instead: copying this many entries is the longest step of
    /// all growth.
    private static final int MAX_CAPACITY = 16 << 10;

    private static final int MAX_PAGE = 4 << 10;

    /// A shard grows when more than 85 of 100 homes are taken, and then by a quarter, or by half of the pair
    /// when it splits: the load stays above 68 of 100, about 35 bytes a key.
    private static final double MAX_LOAD = 0.85;

    private static final long MAX_PLACES_RATIO = 16;

    private static final double GROWTH = 1.25;

    /// All shards in hash order, as many places as a power of two. A shard of less depth than the whole
    /// stands in several neighbouring places. Never changed once published, but replaced.
    private volatile Shard[] directory = {new Shard(0, 0, FIRST_CAPACITY, Shard.OVERFLOW_SLOTS)};

    /// Written by the writer alone.
    private final AtomicLong size = new AtomicLong();

    private final AtomicLong bytes = new AtomicLong(bytesOf(directory, directory));

    /// An empty keydir.
    public Keydir() {}

    /// The location of a key's newest record, or [#NONE].
    public long find(KeyHash hash) {
        return shardOf(directory, hash.high()).find(hash.high(), hash.low());
    }

    /// Sets the location of a key's newest record.
    ///
    /// @param location positive
    /// @return the location before, or [#NONE]
    public long put(KeyHash hash, long location) {
        return put(hash.high(), hash.low(), location);
    }

    /// Sets a location as above, for a hash given by its halves.
    public long put(long high, long low, long location) {
        if (location <= NONE) {
            throw new IllegalArgumentException("location " + location);
        }
        Shard shard = shardOf(directory, high);
        long before = shard.put(high, low, location);
        while (before == Shard.NO_ROOM) {
            grow(shard);
            shard = shardOf(directory, high);
            before = shard.put(high, low, location);
        }
        if (before == NONE) {
            size.setRelease(size.getPlain() + 1);
            if (shard.size() > shard.capacity() * MAX_LOAD) {
                grow(shard);
            }
        }
        return before;
    }

    /// Takes a key away.
    ///
    /// @return its location before, or [#NONE]
    public long remove(KeyHash hash) {
        return remove(hash.high(), hash.low());
    }

    /// Takes a key away as above, by the halves of its hash.
    public long remove(long high, long low) {
        long before = shardOf(directory, high).remove(high, low);
        if (before != NONE) {
            size.setRelease(size.getPlain() - 1);
        }
        return before;
    }

    /// Takes all keys away.
    public void clear() {
        Shard[] empty = {new Shard(0, 0, FIRST_CAPACITY, Shard.OVERFLOW_SLOTS)};
        directory = empty;
        size.setRelease(0);
        bytes.setRelease(bytesOf(empty, empty));
    }

    /// How many keys there are.
    public long size() {
        return size.getAcquire();
    }

    /// How much memory the keydir takes in bytes: entries, empty slots, and the objects that hold them.
    /// Tables that were replaced and wait for the garbage collector are not counted.
    public long memoryBytes() {
        return bytes.getAcquire();
    }

    /// Lists keys in hash order from a position on: those whose hash has an upper half of at least
    /// `position`, unsigned.
    ///
    /// A key that is there throughout a scan is listed exactly once, others at most once.
    ///
    /// @param most about how many, at least 1; a page lists no more than some thousands
    public KeydirPage scan(long position, int most) {
        if (most < 1) {
            throw new IllegalArgumentException("a page of " + most + " keys");
        }
        return scanUpTo(position, Math.min(most, MAX_PAGE));
    }

    private KeydirPage scanUpTo(long position, int most) {
        long[] entries = new long[3 * (most + 1)];
        Shard[] shards = directory;
        long from = position;
        while (true) {
            Shard shard = shardOf(shards, from);
            int copied = shard.copy(from, entries);
            long next = shard.end();
            if (copied > most) {
                KeydirPage page = KeydirPage.cut(entries, copied);
                // Keys that share a position belong on one page: no position lies between them.
                return page.size() > 0 ? page : scanUpTo(position, 2 * most);
            }
            if (copied > 0 || next == 0) {
                return new KeydirPage(entries, copied, next);
            }
            from = next;
        }
    }

    private static Shard shardOf(Shard[] shards, long high) {
        return shards[(int) Shard.upperBits(high, Integer.numberOfTrailingZeros(shards.length))];
    }

    private void grow(Shard shard) {
        Shard[] shards = directory;
        Shard[] grown = larger(shard);
        int depth = Integer.numberOfTrailingZeros(shards.length);
        Shard[] replaced = shard.depth() + grown.length - 1 > depth ? doubled(shards) : shards.clone();
        int places = replaced.length >>> shard.depth();
        int first = (int) (shard.prefix() * places);
        for (int place = 0; place < places; place++) {
            replaced[first + place] = grown[place * grown.length / places];
        }
        long total = bytes.getPlain() - bytesOf(shards, shard) + bytesOf(replaced, grown);
        bytes.setRelease(total);
        directory = replaced;
    }

    private static long bytesOf(Shard[] places, Shard... shards) {
        long total = (long) places.length * Long.BYTES;
        for (Shard shard : shards) {
            total += shard.bytes();
        }
        return total;
    }

    /// What takes a shard's place: one with more room, or two halves. A shard that is not full and has no
    /// room at its end needs more of it there; only hashes that differ in their last bits alone bring that
    /// about.
    private Shard[] larger(Shard shard) {
        if (shard.size() <= shard.capacity() * MAX_LOAD) {
            return new Shard[] {copy(shard, shard.depth(), shard.prefix(), (int) shard.capacity(), 2 * shard.overflow())
            };
        }
        int capacity = (int) (shard.capacity() * GROWTH);
        if (capacity > MAX_CAPACITY && maySplit(shard)) {
            int depth = shard.depth() + 1;
            return new Shard[] {
                copy(shard, depth, 2 * shard.prefix(), capacity / 2, Shard.OVERFLOW_SLOTS),
                copy(shard, depth, 2 * shard.prefix() + 1, capacity / 2, Shard.OVERFLOW_SLOTS)
            };
        }
        return new Shard[] {copy(shard, shard.depth(), shard.prefix(), capacity, shard.overflow())};
    }

    /// Hashes that share their upper bits would split shards without end, and the directory doubles each
    /// time: it stays in proportion to the number of keys.
    private boolean maySplit(Shard shard) {
        return 1L << shard.depth() <= MAX_PLACES_RATIO * (1 + size.getPlain() / MAX_CAPACITY);
    }

    /// A shard with those entries that belong into its range. Those of the last homes may overflow its end;
    /// then more room is tried there.
    private static Shard copy(Shard shard, int depth, long prefix, int capacity, int overflow) {
        for (int slots = overflow; ; slots *= 2) {
            Shard copy = new Shard(depth, prefix, capacity, slots);
            if (shard.copyInto(copy)) {
                return copy;
            }
        }
    }

    private static Shard[] doubled(Shard[] shards) {
        Shard[] doubled = new Shard[2 * shards.length];
        for (int place = 0; place < doubled.length; place++) {
            doubled[place] = shards[place / 2];
        }
        return doubled;
    }
}
