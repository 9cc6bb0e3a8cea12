package io.caskade.bitcask.keydir;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;

/// The entries of one range of the hash space: all hashes whose upper `depth` bits are `prefix`.
///
/// An open-addressing table with linear probing whose entries are kept in hash order: an entry's home is
/// where its hash falls when the range is laid over the capacity, it lies there or as little behind as the
/// order allows, and some slots past the capacity catch what the last homes overflow. So a lookup ends at the
/// first greater hash, and a scan is a walk.
///
/// ```
/// entry   0 u64 hash, upper half    8 u64 hash, lower half    16 i64 location, 0 = empty
/// ```
///
/// One thread writes. Readers take no lock: they read the stamp, look, and look again when it was odd or has
/// changed, as in a sequence lock. A new location for a known key is one aligned store and needs no stamp. A
/// shard that was replaced by a larger one is never written again, so a reader who still holds it sees what
/// held when it fetched it.
final class Shard {

    static final int ENTRY_BYTES = 24;

    private static final int LOW = 8;
    private static final int LOCATION = 16;

    /// Enough for the last homes of a shard of hashes that are as good as random.
    static final int OVERFLOW_SLOTS = 64;

    /// The objects around a table, about.
    private static final long OBJECT_BYTES = 256;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final VarHandle LOCATIONS = LONG.varHandle();

    private final int depth;
    private final long prefix;
    private final long capacity;
    private final long slots;
    private final MemorySegment table;

    /// Odd while entries are being moved.
    private final AtomicLong stamp = new AtomicLong();

    private int size;

    /// An empty shard with `capacity` homes and some more slots behind the last.
    Shard(int depth, long prefix, int capacity, int overflow) {
        this.depth = depth;
        this.prefix = prefix;
        this.capacity = capacity;
        this.slots = (long) capacity + overflow;
        this.table = Arena.ofAuto().allocate(slots * ENTRY_BYTES, Long.BYTES);
    }

    int depth() {
        return depth;
    }

    long prefix() {
        return prefix;
    }

    long capacity() {
        return capacity;
    }

    int overflow() {
        return (int) (slots - capacity);
    }

    int size() {
        return size;
    }

    long bytes() {
        return table.byteSize() + OBJECT_BYTES;
    }

    /// The first upper half of a hash beyond the range, 0 when the range is the last.
    long end() {
        return depth == 0 ? 0 : (prefix + 1) << (Long.SIZE - depth);
    }

    /// The location of a hash, or [Keydir#NONE]. For any thread.
    long find(long high, long low) {
        while (true) {
            long before = stamp.getAcquire();
            if ((before & 1) == 0) {
                long found = lookUp(high, low);
                VarHandle.acquireFence();
                if (stamp.getOpaque() == before) {
                    return found;
                }
            }
            Thread.onSpinWait();
        }
    }

    private long lookUp(long high, long low) {
        for (long slot = home(high); slot < slots; slot++) {
            long location = location(slot);
            if (location == Keydir.NONE) {
                return Keydir.NONE;
            }
            int order = compare(slot, high, low);
            if (order >= 0) {
                return order == 0 ? location : Keydir.NONE;
            }
        }
        return Keydir.NONE;
    }

    /// Copies entries from the first hash whose upper half is at least `fromHigh` on, in order: into `into`,
    /// three longs an entry. For any thread.
    ///
    /// @return how many entries were copied; fewer than fit when the shard has no more
    int copy(long fromHigh, long[] into) {
        int most = into.length / 3;
        while (true) {
            long before = stamp.getAcquire();
            if ((before & 1) == 0) {
                int copied = copyOnce(fromHigh, into, most);
                VarHandle.acquireFence();
                if (stamp.getOpaque() == before) {
                    return copied;
                }
            }
            Thread.onSpinWait();
        }
    }

    private int copyOnce(long fromHigh, long[] into, int most) {
        int copied = 0;
        for (long slot = home(fromHigh); slot < slots && copied < most; slot++) {
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

    /// What [#put] answers when the entry does not fit.
    static final long NO_ROOM = -1;

    /// Sets a location.
    ///
    /// @return the location before, [Keydir#NONE] when the hash was not there, [#NO_ROOM] when nothing was
    ///     done
    long put(long high, long low, long location) {
        long slot = home(high);
        while (slot < slots && location(slot) != Keydir.NONE) {
            int order = compare(slot, high, low);
            if (order == 0) {
                long before = location(slot);
                LOCATIONS.setRelease(table, slot * ENTRY_BYTES + LOCATION, location);
                return before;
            }
            if (order > 0) {
                break;
            }
            slot++;
        }
        long gap = slot;
        while (gap < slots && location(gap) != Keydir.NONE) {
            gap++;
        }
        if (gap == slots) {
            return NO_ROOM;
        }
        long before = beginMove();
        MemorySegment.copy(table, slot * ENTRY_BYTES, table, (slot + 1) * ENTRY_BYTES, (gap - slot) * ENTRY_BYTES);
        set(slot, high, low, location);
        endMove(before);
        size++;
        return Keydir.NONE;
    }

    /// Takes a hash away.
    ///
    /// @return the location before, or [Keydir#NONE]
    long remove(long high, long low) {
        long slot = home(high);
        while (slot < slots && location(slot) != Keydir.NONE && compare(slot, high, low) < 0) {
            slot++;
        }
        if (slot == slots || location(slot) == Keydir.NONE || compare(slot, high, low) != 0) {
            return Keydir.NONE;
        }
        long removed = location(slot);
        long next = slot + 1;
        while (next < slots && location(next) != Keydir.NONE && home(high(next)) < next) {
            next++;
        }
        long before = beginMove();
        MemorySegment.copy(table, (slot + 1) * ENTRY_BYTES, table, slot * ENTRY_BYTES, (next - slot - 1) * ENTRY_BYTES);
        set(next - 1, 0, 0, Keydir.NONE);
        endMove(before);
        size--;
        return removed;
    }

    /// Adds all entries whose hash belongs to another, still empty and unpublished shard to that shard.
    ///
    /// @return whether they fitted
    boolean copyInto(Shard other) {
        long free = 0;
        for (long slot = 0; slot < slots; slot++) {
            long location = location(slot);
            if (location != Keydir.NONE && other.covers(high(slot))) {
                long place = Math.max(free, other.home(high(slot)));
                if (place == other.slots) {
                    return false;
                }
                other.set(place, high(slot), low(slot), location);
                other.size++;
                free = place + 1;
            }
        }
        return true;
    }

    private boolean covers(long high) {
        return upperBits(high, depth) == prefix;
    }

    /// The upper `count` bits of a number, 0 to 63 of them.
    static long upperBits(long number, int count) {
        return number >>> 1 >>> (Long.SIZE - 1 - count);
    }

    private long home(long high) {
        return Math.unsignedMultiplyHigh(high << depth, capacity);
    }

    private int compare(long slot, long high, long low) {
        int order = Long.compareUnsigned(high(slot), high);
        return order != 0 ? order : Long.compareUnsigned(low(slot), low);
    }

    private long high(long slot) {
        return table.get(LONG, slot * ENTRY_BYTES);
    }

    private long low(long slot) {
        return table.get(LONG, slot * ENTRY_BYTES + LOW);
    }

    private long location(long slot) {
        return (long) LOCATIONS.getOpaque(table, slot * ENTRY_BYTES + LOCATION);
    }

    private void set(long slot, long high, long low, long location) {
        table.set(LONG, slot * ENTRY_BYTES, high);
        table.set(LONG, slot * ENTRY_BYTES + LOW, low);
        LOCATIONS.setOpaque(table, slot * ENTRY_BYTES + LOCATION, location);
    }

    private long beginMove() {
        long before = stamp.getOpaque();
        stamp.setOpaque(before + 1);
        VarHandle.fullFence();
        return before;
    }

    private void endMove(long before) {
        stamp.setRelease(before + 2);
    }
}
