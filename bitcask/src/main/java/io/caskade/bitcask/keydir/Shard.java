package io.caskade.bitcask.keydir;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// The entries of one range of the hash space: all hashes whose upper `depth` bits are `prefix`.
///
/// An open-addressing table with linear probing whose entries are kept in hash order: an entry's home slot is
/// proportional to its hash within the range; the entry is there, or as little after it as the order allows,
/// and overflow slots follow the last home slot. So a lookup ends at the first greater hash, and a scan is
/// sequential. The table consists of pages of one size, in order.
///
/// ```
/// entry   0 u64 hash, upper half    8 u64 hash, lower half    16 i64 location, 0 = empty
/// ```
///
/// One thread writes. Readers take no lock: they read the stamp, read the entries, and retry when the stamp was
/// odd or has changed, as in a seqlock. A new location for an existing key is one aligned store and needs no
/// stamp. The pages of a replaced shard are reused at once; its stamp tells readers that still hold it to fetch
/// the replacement.
final class Shard {

    static final int ENTRY_BYTES = 24;

    /// Returned by [#put] when the entry does not fit.
    static final int NO_ROOM = -2;

    /// Returned to readers when the shard was replaced; also the stamp of a replaced shard.
    static final int REPLACED = -1;

    private static final int LOW = 8;
    private static final int LOCATION = 16;

    /// The approximate size of the object and its array of pages.
    private static final long OBJECT_BYTES = 80;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final VarHandle LOCATIONS = LONG.varHandle();
    private static final VarHandle STAMP = stampHandle();

    private final int depth;
    private final long prefix;
    private final int homes;
    private final int slots;

    /// The binary logarithm of the slots per page.
    private final int pageShift;

    private final int pageMask;
    private final MemorySegment[] pages;

    /// Odd while entries are being moved; permanently [#REPLACED] once the shard was replaced.
    private volatile long stamp;

    private int size;

    /// A shard of what is on pages, which begin with [#ENTRY_BYTES]-byte slots, a power of two of them, and
    /// have one size.
    ///
    /// @param overflow how many of the slots are past the last home
    /// @param size how many entries are on the pages; 0 when they are zeros
    Shard(int depth, long prefix, int overflow, int size, MemorySegment... pages) {
        this.depth = depth;
        this.prefix = prefix;
        this.size = size;
        this.pages = pages;
        int pageSlots = (int) (pages[0].byteSize() / ENTRY_BYTES);
        this.pageShift = Integer.numberOfTrailingZeros(pageSlots);
        this.pageMask = pageSlots - 1;
        this.slots = pages.length * pageSlots;
        this.homes = slots - overflow;
    }

    private static VarHandle stampHandle() {
        try {
            return MethodHandles.lookup().findVarHandle(Shard.class, "stamp", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    int depth() {
        return depth;
    }

    long prefix() {
        return prefix;
    }

    int homes() {
        return homes;
    }

    int overflow() {
        return slots - homes;
    }

    int size() {
        return size;
    }

    MemorySegment[] pages() {
        return pages;
    }

    /// The heap size of its objects.
    long objectBytes() {
        return OBJECT_BYTES;
    }

    /// The first upper half of a hash beyond the range, 0 when the range is the last.
    long end() {
        return depth == 0 ? 0 : (prefix + 1) << (Long.SIZE - depth);
    }

    /// The location of a hash, [Keydir#NONE], or [#REPLACED]. Thread-safe.
    long find(long high, long low) {
        while (true) {
            long before = (long) STAMP.getAcquire(this);
            if ((before & 1) == 0) {
                long found = lookUp(high, low);
                if (isStill(before)) {
                    return found;
                }
            } else if (before == REPLACED) {
                return REPLACED;
            }
            Thread.onSpinWait();
        }
    }

    /// Whether no entry was moved since the stamp was read, so that everything read since is consistent.
    private boolean isStill(long before) {
        VarHandle.acquireFence();
        return (long) STAMP.getOpaque(this) == before;
    }

    private long lookUp(long high, long low) {
        try {
            return lookUpOnce(high, low);
        } catch (IllegalStateException e) {
            return givenBack(e);
        }
    }

    /// The result for a reader whose pages were freed meanwhile.
    private int givenBack(IllegalStateException e) {
        if (stamp != REPLACED) {
            throw e;
        }
        return REPLACED;
    }

    private long lookUpOnce(long high, long low) {
        int slot = home(high);
        while (slot < slots) {
            MemorySegment page = page(slot);
            for (long at = at(slot); at < page.byteSize(); at += ENTRY_BYTES) {
                long location = (long) LOCATIONS.getOpaque(page, at + LOCATION);
                if (location == Keydir.NONE) {
                    return Keydir.NONE;
                }
                int order = compare(page, at, high, low);
                if (order >= 0) {
                    return order == 0 ? location : Keydir.NONE;
                }
            }
            slot = (slot | pageMask) + 1;
        }
        return Keydir.NONE;
    }

    /// Copies entries from the first hash whose upper half is at least `fromHigh` on, in order, into `into`,
    /// three longs per entry. Thread-safe.
    ///
    /// @return how many entries were copied, fewer than fit when the shard has no more; or [#REPLACED]
    int copy(long fromHigh, long[] into) {
        while (true) {
            long before = (long) STAMP.getAcquire(this);
            if ((before & 1) == 0) {
                int copied = copyWhole(fromHigh, into);
                if (isStill(before)) {
                    return copied;
                }
            } else if (before == REPLACED) {
                return REPLACED;
            }
            Thread.onSpinWait();
        }
    }

    private int copyWhole(long fromHigh, long[] into) {
        try {
            return copyOnce(fromHigh, into);
        } catch (IllegalStateException e) {
            return givenBack(e);
        }
    }

    private int copyOnce(long fromHigh, long[] into) {
        int most = into.length / 3;
        int copied = 0;
        for (int slot = home(fromHigh); slot < slots && copied < most; slot++) {
            long location = location(slot);
            long high = high(slot);
            if (location != Keydir.NONE && Long.compareUnsigned(high, fromHigh) >= 0) {
                into[3 * copied] = high;
                into[3 * copied + 1] = low(slot);
                into[3 * copied + 2] = location;
                copied++;
            }
        }
        return copied;
    }

    /// Sets a location.
    ///
    /// @return the location before, [Keydir#NONE] when the hash was not there, [#NO_ROOM] when nothing was
    ///     done
    long put(long high, long low, long location) {
        int slot = home(high);
        while (slot < slots && location(slot) != Keydir.NONE) {
            int order = compare(page(slot), at(slot), high, low);
            if (order == 0) {
                long before = location(slot);
                LOCATIONS.setRelease(page(slot), at(slot) + LOCATION, location);
                return before;
            }
            if (order > 0) {
                break;
            }
            slot++;
        }
        int gap = slot;
        while (gap < slots && location(gap) != Keydir.NONE) {
            gap++;
        }
        if (gap == slots) {
            return NO_ROOM;
        }
        long before = beginMove();
        moveUp(slot, gap);
        set(slot, high, low, location);
        endMove(before);
        size++;
        return Keydir.NONE;
    }

    /// Removes a hash.
    ///
    /// @return the location before, or [Keydir#NONE]
    long remove(long high, long low) {
        int slot = home(high);
        while (slot < slots && location(slot) != Keydir.NONE && compare(page(slot), at(slot), high, low) < 0) {
            slot++;
        }
        if (slot == slots || location(slot) == Keydir.NONE || compare(page(slot), at(slot), high, low) != 0) {
            return Keydir.NONE;
        }
        long removed = location(slot);
        int next = slot + 1;
        while (next < slots && location(next) != Keydir.NONE && home(high(next)) < next) {
            next++;
        }
        long before = beginMove();
        moveDown(slot + 1, next);
        set(next - 1, 0, 0, Keydir.NONE);
        endMove(before);
        size--;
        return removed;
    }

    /// Moves the entries of the slots `[from, gap)` one slot up.
    private void moveUp(int from, int gap) {
        int to = gap;
        while (to > from) {
            int first = Math.max(from, to & ~pageMask);
            if (first == to) {
                first--;
            }
            move(first, first + 1, to - first);
            to = first;
        }
    }

    /// Moves the entries of the slots `[from, end)` one slot down.
    private void moveDown(int from, int end) {
        int next = from;
        while (next < end) {
            int last = (next - 1 & pageMask) == pageMask ? next + 1 : Math.min(end, (next - 1 | pageMask) + 1);
            move(next, next - 1, last - next);
            next = last;
        }
    }

    /// Moves entries within one page.
    private void move(int from, int to, int entries) {
        MemorySegment.copy(page(from), at(from), page(to), at(to), (long) entries * ENTRY_BYTES);
    }

    /// Adds all entries whose hash belongs to another, still empty and unpublished shard to that shard.
    ///
    /// @return whether they fit
    boolean copyInto(Shard other) {
        int free = 0;
        for (int slot = 0; slot < slots; slot++) {
            long location = location(slot);
            if (location != Keydir.NONE && other.covers(high(slot))) {
                int place = other.append(free, high(slot), low(slot), location);
                if (place < 0) {
                    return false;
                }
                free = place + 1;
            }
        }
        return true;
    }

    /// The number of entries in the lower half of the range.
    int sizeOfLowerHalf() {
        int lower = 0;
        for (int slot = 0; slot < slots; slot++) {
            if (location(slot) != Keydir.NONE && high(slot) << depth >= 0) {
                lower++;
            }
        }
        return lower;
    }

    /// Marks the shard as replaced, before its pages are reused.
    void markReplaced() {
        stamp = REPLACED;
        VarHandle.fullFence();
    }

    /// Adds an entry after all others to a shard that has no readers yet.
    ///
    /// @param free the first slot after all occupied ones
    /// @return the slot it is in, or a negative number when there is no room
    int append(int free, long high, long low, long location) {
        int slot = Math.max(free, home(high));
        if (slot == slots) {
            return NO_ROOM;
        }
        set(slot, high, low, location);
        size++;
        return slot;
    }

    boolean covers(long high) {
        return upperBits(high, depth) == prefix;
    }

    /// The upper `count` bits of a number, 0 to 63.
    static long upperBits(long number, int count) {
        return number >>> 1 >>> (Long.SIZE - 1 - count);
    }

    private int home(long high) {
        return (int) Math.unsignedMultiplyHigh(high << depth, homes);
    }

    private MemorySegment page(int slot) {
        return pages[slot >>> pageShift];
    }

    /// A slot's offset in its page.
    private long at(int slot) {
        return (long) (slot & pageMask) * ENTRY_BYTES;
    }

    private static int compare(MemorySegment page, long at, long high, long low) {
        int order = Long.compareUnsigned(page.get(LONG, at), high);
        return order != 0 ? order : Long.compareUnsigned(page.get(LONG, at + LOW), low);
    }

    private long high(int slot) {
        return page(slot).get(LONG, at(slot));
    }

    private long low(int slot) {
        return page(slot).get(LONG, at(slot) + LOW);
    }

    private long location(int slot) {
        return (long) LOCATIONS.getOpaque(page(slot), at(slot) + LOCATION);
    }

    private void set(int slot, long high, long low, long location) {
        MemorySegment page = page(slot);
        long at = at(slot);
        page.set(LONG, at, high);
        page.set(LONG, at + LOW, low);
        LOCATIONS.setOpaque(page, at + LOCATION, location);
    }

    private long beginMove() {
        long before = (long) STAMP.getOpaque(this);
        STAMP.setOpaque(this, before + 1);
        VarHandle.fullFence();
        return before;
    }

    private void endMove(long before) {
        STAMP.setRelease(this, before + 2);
    }
}
