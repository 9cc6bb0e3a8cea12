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

    /// A shard grows when more than 85 of 100 homes are taken, and then by a quarter, or by half of the pair
    /// when it splits: the load stays above 68 of 100, about 35 bytes a key.
    private static final double MAX_LOAD = 0.85;

    private static final double GROWTH = 1.25;

    /// All shards in hash order, as many places as a power of two. A shard of less depth than the whole
    /// stands in several neighbouring places. Never changed once published, but replaced.
    private volatile Shard[] directory = {new Shard(0, 0, FIRST_CAPACITY)};

    /// Written by the writer alone.
    private final AtomicLong size = new AtomicLong();

    private final AtomicLong bytes = new AtomicLong(directory[0].bytes());

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
        if (location <= NONE) {
            throw new IllegalArgumentException("location " + location);
        }
        Shard shard = shardOf(directory, hash.high());
        long before = shard.put(hash.high(), hash.low(), location);
        while (before == Shard.NO_ROOM) {
            grow(shard);
            shard = shardOf(directory, hash.high());
            before = shard.put(hash.high(), hash.low(), location);
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
        long before = shardOf(directory, hash.high()).remove(hash.high(), hash.low());
        if (before != NONE) {
            size.setRelease(size.getPlain() - 1);
        }
        return before;
    }

    /// Takes all keys away.
    public void clear() {
        Shard empty = new Shard(0, 0, FIRST_CAPACITY);
        directory = new Shard[] {empty};
        size.setRelease(0);
        bytes.setRelease(empty.bytes());
    }

    /// How many keys there are.
    public long size() {
        return size.getAcquire();
    }

    /// How much memory the entries take in bytes, empty slots included; the few objects beside them are not.
    public long memoryBytes() {
        return bytes.getAcquire();
    }

    /// Lists keys in hash order from a position on: those whose hash has an upper half of at least
    /// `position`, unsigned.
    ///
    /// A key that is there throughout a scan is listed exactly once, others at most once.
    ///
    /// @param most about how many, at least 1
    public KeydirPage scan(long position, int most) {
        long[] entries = new long[3 * (most + 1)];
        Shard[] shards = directory;
        long from = position;
        while (true) {
            Shard shard = shardOf(shards, from);
            int copied = shard.copy(from, entries);
            long next = shard.end();
            if (copied > most) {
                return KeydirPage.cut(entries, copied);
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
        int capacity = (int) (shard.capacity() * GROWTH);
        Shard[] grown = capacity <= MAX_CAPACITY
                ? new Shard[] {copy(shard, shard.depth(), shard.prefix(), capacity)}
                : halves(shard);
        Shard[] shards = directory;
        int depth = Integer.numberOfTrailingZeros(shards.length);
        Shard[] replaced = shard.depth() + grown.length - 1 > depth ? doubled(shards) : shards.clone();
        int places = replaced.length >>> shard.depth();
        int first = (int) (shard.prefix() * places);
        for (int place = 0; place < places; place++) {
            replaced[first + place] = grown[place * grown.length / places];
        }
        long total = bytes.getPlain() - shard.bytes();
        for (Shard one : grown) {
            total += one.bytes();
        }
        bytes.setRelease(total);
        directory = replaced;
    }

    private static Shard[] halves(Shard shard) {
        int capacity = (int) (shard.capacity() * GROWTH / 2);
        int depth = shard.depth() + 1;
        return new Shard[] {
            copy(shard, depth, 2 * shard.prefix(), capacity), copy(shard, depth, 2 * shard.prefix() + 1, capacity)
        };
    }

    /// A shard with those entries that belong into its range, and room for about `capacity`. In a table as
    /// full as this one a few neighbours may overflow its end; then a little more room is tried.
    private static Shard copy(Shard shard, int depth, long prefix, int capacity) {
        for (int room = capacity; ; room += room / 8) {
            Shard copy = new Shard(depth, prefix, room);
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
