package io.caskade.bitcask.keydir;

import io.caskade.bitcask.StoreClosedException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/// An ordered hash map from 128-bit key hashes to locations, off the heap and without an object per key.
///
/// The hash space is cut into ranges, each a [Shard] that grows and splits on its own, so no growth moves
/// more than one shard's entries (extendible hashing, after [Fagin et al.
/// 1979](https://doi.org/10.1145/320083.320092), with ordered tables for buckets). Entries are in hash order,
/// so that a scan can be resumed at a position of the hash space, whatever has grown, merged or failed over
/// meanwhile. All tables use pages of one [PagePool]; a replaced table returns its pages immediately.
///
/// One thread calls [#put], [#remove], [#clear], [#reserve] and [#close]; the rest is thread-safe. After
/// [#close], all throw [StoreClosedException].
public final class Keydir implements AutoCloseable {

    /// No location; locations are positive.
    public static final long NONE = 0;

    /// Slots per page, a power of two: 12 KiB.
    private static final int PAGE_SLOTS = 512;

    /// Maximum pages per shard; a larger shard is split. Copying this many pages is the longest step of growth.
    private static final int MAX_PAGES_PER_SHARD = 16;

    /// Overflow slots per shard; enough for uniform hashes.
    private static final int OVERFLOW_SLOTS = 64;

    private static final int MAX_SCAN_ENTRIES = 4 << 10;

    /// A shard grows when more than 80 % of its home slots are occupied.
    private static final double MAX_LOAD = 0.8;

    /// A rebuilt shard reserves 6 % more entries than it has.
    private static final double GROWTH = 1.06;

    /// Safety margin of [#reserve], in standard deviations.
    private static final int DEVIATIONS = 4;

    private static final long MAX_DIRECTORY_RATIO = 16;

    private static final VarHandle DIRECTORY = MethodHandles.arrayElementVarHandle(Shard[].class);

    private final KeydirLimit limit;
    private final int pageSlots;
    private final int maxPages;
    private final int overflow;

    /// Written only by the writer.
    private final AtomicLong size = new AtomicLong();

    private final AtomicLong bytes = new AtomicLong();

    private PagePool space;

    /// The heap objects of all shards.
    private long shardBytes;

    /// The shards in hash order; the length is a power of two. A shard shallower than the directory fills
    /// several adjacent slots.
    private volatile Shard[] directory;

    private volatile boolean closed;

    /// Creates an empty keydir of some kilobytes.
    public Keydir() {
        this(KeydirLimit.none());
    }

    /// Creates an empty keydir of some kilobytes, whose keys are counted. It takes any number: who adds keys
    /// asks the limit before.
    public Keydir(KeydirLimit limit) {
        this(limit, PAGE_SLOTS, MAX_PAGES_PER_SHARD, OVERFLOW_SLOTS);
    }

    /// An empty keydir whose shards have other limits, for tests: `pageSlots`, a power of two, is the slots of
    /// a page, `overflow`, fewer than that, those after the last home.
    Keydir(int pageSlots, int maxPages, int overflow) {
        this(KeydirLimit.none(), pageSlots, maxPages, overflow);
    }

    private Keydir(KeydirLimit limit, int pageSlots, int maxPages, int overflow) {
        this.limit = limit;
        this.pageSlots = pageSlots;
        this.maxPages = maxPages;
        this.overflow = overflow;
        this.space = newSpace();
        this.directory = new Shard[] {newShard(0, 0, overflow, 1)};
        publishMemoryBytes();
    }

    /// The location of a key's newest record, or [#NONE].
    public long find(KeyHash hash) {
        return find(hash.high(), hash.low());
    }

    /// The location of the newest record of a key with a hash of these halves, or [#NONE].
    public long find(long high, long low) {
        while (true) {
            long found = shardOf(directory, high).find(high, low);
            if (found != Shard.REPLACED) {
                return found;
            }
            checkOpen();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new StoreClosedException("the keydir");
        }
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
        checkOpen();
        Shard shard = shardOf(directory, high);
        long before = shard.put(high, low, location);
        while (before == Shard.NO_ROOM) {
            grow(shard);
            shard = shardOf(directory, high);
            before = shard.put(high, low, location);
        }
        if (before == NONE) {
            setSize(size.getPlain() + 1);
            if (isFull(shard)) {
                grow(shard);
            }
        }
        return before;
    }

    private void setSize(long keys) {
        limit.add(keys - size.getPlain());
        size.setRelease(keys);
    }

    private static boolean isFull(Shard shard) {
        return shard.size() > shard.homes() * MAX_LOAD;
    }

    /// Removes a key. Its memory is reused for other keys, and freed only by [#clear] or [#close].
    ///
    /// @return its location before, or [#NONE]
    public long remove(KeyHash hash) {
        return remove(hash.high(), hash.low());
    }

    /// Removes a key as above, by the halves of its hash.
    public long remove(long high, long low) {
        checkOpen();
        long before = shardOf(directory, high).remove(high, low);
        if (before != NONE) {
            setSize(size.getPlain() - 1);
        }
        return before;
    }

    /// As [#put], for one of several threads that each write to their own shards while there are no readers;
    /// see [KeydirFiller].
    long fill(long high, long low, long location) {
        Shard shard = shardOf(directory, high);
        long before = shard.put(high, low, location);
        while (before == Shard.NO_ROOM) {
            grow(shard);
            shard = shardOf(directory, high);
            before = shard.put(high, low, location);
        }
        if (before == NONE && isFull(shard)) {
            grow(shard);
        }
        return before;
    }

    /// As [#remove], under the same conditions.
    long removeWhileLoading(long high, long low) {
        return shardOf(directory, high).remove(high, low);
    }

    /// The shard of a hash with this upper half.
    Shard shardOf(long high) {
        return shardOf(directory, high);
    }

    /// The minimum number of hash bits that select the shard.
    int minDepth() {
        return Arrays.stream(directory).mapToInt(Shard::depth).min().orElse(0);
    }

    /// Publishes the memory use.
    void republishMemoryBytes() {
        Shard[] shards = directory;
        long keys = 0;
        for (int place = 0; place < shards.length; place++) {
            keys += place > 0 && shards[place] == shards[place - 1] ? 0 : shards[place].size();
        }
        setSize(keys);
    }

    /// Removes all keys, and frees their memory.
    public void clear() {
        reset(newSpace(), 0, 1);
    }

    /// Preallocates memory for a number of keys, so that adding them moves nothing. Does nothing if the keydir
    /// is not empty. It can still grow; memory for keys that are never added is wasted.
    ///
    /// @param keys not negative
    public void reserve(long keys) {
        if (keys < 0) {
            throw new IllegalArgumentException(keys + " keys");
        }
        checkOpen();
        int depth = 0;
        while (pagesFor(withDeviations(keys >>> depth)) > maxPages) {
            depth++;
        }
        int pages = pagesFor(withDeviations(keys >>> depth));
        if (size.getPlain() == 0) {
            PagePool reserved = newSpace();
            reserved.reserve((long) pages << depth);
            reset(reserved, depth, pages);
        }
    }

    private static double withDeviations(long entries) {
        return (double) entries + DEVIATIONS * Math.sqrt((double) entries);
    }

    /// The number of pages for a number of entries.
    private int pagesFor(double entries) {
        return (int) Math.ceil((entries / MAX_LOAD + 1 + overflow) / pageSlots);
    }

    private void reset(PagePool fresh, int depth, int pages) {
        checkOpen();
        Shard[] replaced = directory;
        PagePool left = space;
        Shard[] empty = new Shard[1 << depth];
        space = fresh;
        shardBytes = 0;
        for (int place = 0; place < empty.length; place++) {
            empty[place] = newShard(depth, place, overflow, pages);
        }
        directory = empty;
        setSize(0);
        publishMemoryBytes();
        for (Shard shard : replaced) {
            shard.markReplaced();
        }
        left.close();
    }

    /// Frees all memory.
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            limit.add(-size.getPlain());
            for (Shard shard : directory) {
                shard.markReplaced();
            }
            space.close();
        }
    }

    /// The number of keys.
    public long size() {
        return size.getAcquire();
    }

    /// The memory of the keydir in bytes: entries, empty slots, free pages, and their objects on the heap.
    public long memoryBytes() {
        return bytes.getAcquire();
    }

    private void publishMemoryBytes() {
        bytes.setRelease(space.bytes() + shardBytes + (long) directory.length * Long.BYTES);
    }

    /// Lists keys in hash order from a position on: those whose hash has an upper half of at least
    /// `position`, unsigned.
    ///
    /// A key that exists throughout a scan is listed exactly once, others at most once.
    ///
    /// @param most the approximate number, at least 1; a page lists at most some thousands
    public KeydirPage scan(long position, int most) {
        if (most < 1) {
            throw new IllegalArgumentException("a page of " + most + " keys");
        }
        return scanUpTo(position, Math.min(most, MAX_SCAN_ENTRIES));
    }

    private KeydirPage scanUpTo(long position, int most) {
        long[] entries = new long[3 * (most + 1)];
        long from = position;
        while (true) {
            Shard shard = shardOf(directory, from);
            int copied = shard.copy(from, entries);
            long next = shard.end();
            if (copied == Shard.REPLACED) {
                checkOpen();
            } else if (copied > most) {
                KeydirPage page = KeydirPage.cut(entries, copied);
                // Keys with the same position must be on one page: the next page could not start between them.
                return page.size() > 0 ? page : scanUpTo(position, 2 * most);
            } else if (copied > 0 || next == 0) {
                return new KeydirPage(entries, copied, next);
            } else {
                from = next;
            }
        }
    }

    private static Shard shardOf(Shard[] shards, long high) {
        return (Shard)
                DIRECTORY.getAcquire(shards, (int) Shard.upperBits(high, Integer.numberOfTrailingZeros(shards.length)));
    }

    /// Order matters: first readers can find the replacement, then the shard is marked as replaced, then its
    /// pages are reused.
    private synchronized void grow(Shard shard) {
        Shard[] larger = larger(shard);
        Shard[] shards = directory;
        if (larger[0].depth() > Integer.numberOfTrailingZeros(shards.length)) {
            shards = doubled(shards);
        }
        int places = shards.length >>> shard.depth();
        int first = (int) (shard.prefix() * places);
        for (int place = 0; place < places; place++) {
            DIRECTORY.setRelease(shards, first + place, larger[place * larger.length / places]);
        }
        directory = shards;
        free(shard);
        publishMemoryBytes();
    }

    private void free(Shard shard) {
        shard.markReplaced();
        shardBytes -= shard.objectBytes();
        for (MemorySegment page : shard.pages()) {
            space.free(page);
        }
    }

    /// The replacement of a shard: one with more overflow slots if it is not full (hashes sharing all upper
    /// bits), else a larger shard or two halves.
    private Shard[] larger(Shard shard) {
        if (!isFull(shard)) {
            int slots = 2 * shard.overflow();
            return new Shard[] {copy(shard, shard.depth(), shard.prefix(), slots, shard.size())};
        }
        if (pagesFor(shard.size() * GROWTH) > maxPages && maySplit(shard)) {
            int depth = shard.depth() + 1;
            int lower = shard.sizeOfLowerHalf();
            return new Shard[] {
                copy(shard, depth, 2 * shard.prefix(), overflow, lower),
                copy(shard, depth, 2 * shard.prefix() + 1, overflow, shard.size() - lower)
            };
        }
        return new Shard[] {copy(shard, shard.depth(), shard.prefix(), shard.overflow(), shard.size())};
    }

    /// Bounds the directory by the number of keys: hashes that share their upper bits would otherwise split
    /// shards without end, doubling it each time.
    private boolean maySplit(Shard shard) {
        return 1L << shard.depth() <= MAX_DIRECTORY_RATIO * (1 + size.getPlain() / ((long) maxPages * pageSlots));
    }

    /// A shard with those `entries` that belong to its range. If the last ones overflow its end, more overflow
    /// slots are tried.
    private Shard copy(Shard shard, int depth, long prefix, int atLeast, int entries) {
        for (int slots = atLeast; ; slots *= 2) {
            int pages = (int) Math.ceil((entries * GROWTH / MAX_LOAD + 1 + slots) / pageSlots);
            Shard copy = newShard(depth, prefix, slots, pages);
            if (shard.copyInto(copy)) {
                return copy;
            }
            free(copy);
        }
    }

    private PagePool newSpace() {
        return new PagePool((long) pageSlots * Shard.ENTRY_BYTES);
    }

    private Shard newShard(int depth, long prefix, int slots, int pages) {
        MemorySegment[] taken = new MemorySegment[pages];
        for (int i = 0; i < pages; i++) {
            taken[i] = space.allocate();
        }
        Shard shard = new Shard(depth, prefix, slots, 0, taken);
        shardBytes += shard.objectBytes();
        return shard;
    }

    private static Shard[] doubled(Shard[] shards) {
        Shard[] doubled = new Shard[2 * shards.length];
        for (int place = 0; place < doubled.length; place++) {
            doubled[place] = shards[place / 2];
        }
        return doubled;
    }
}
