package io.caskade.bitcask.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.caskade.bitcask.Entry;
import io.caskade.bitcask.StoreClosedException;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.log.Log;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.RecordFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Reads committed records, by key and at the keydir's locations, through a cache. Thread-safe.
final class EntryReader {

    /// What an entry of the cache takes on the heap beside its bytes: the entry, its two arrays' headers, the
    /// boxed location, and the cache's own node and table.
    static final int OVERHEAD_BYTES = 200;

    /// Up to this length, reading a record that the page cache has takes less time than handing it to another
    /// thread; such records need not be in this reader's cache.
    private static final int MAX_UNCACHED_BYTES = 16 << 10;

    /// How long a moment is for which it is believed that something is in the page cache: two to the power of
    /// this, in nanoseconds; an eighth of a second.
    private static final int MOMENT_SHIFT = 27;

    private final Log log;
    private final Keydir keydir;
    private final KeyHasher hasher;
    private final LongSupplier nanoTime;
    private final @Nullable Cache<Long, Entry> cache;

    /// @param cacheBytes the size of the cache; 0 for none
    /// @param nanoTime a monotonic clock
    EntryReader(Log log, Keydir keydir, KeyHasher hasher, long cacheBytes, LongSupplier nanoTime) {
        this.log = log;
        this.keydir = keydir;
        this.hasher = hasher;
        this.nanoTime = nanoTime;
        this.cache = cacheBytes == 0 ? null : cacheOf(cacheBytes);
    }

    private static Cache<Long, Entry> cacheOf(long bytes) {
        return Caffeine.newBuilder()
                .maximumWeight(bytes)
                .weigher((Long location, Entry entry) -> weightOf(entry))
                .executor(Runnable::run)
                .build();
    }

    static int weightOf(Entry entry) {
        return (int) Math.min(OVERHEAD_BYTES + entry.key().length + (long) entry.value().length, Integer.MAX_VALUE);
    }

    /// The record of a key, or null.
    @Nullable
    Entry get(byte[] key) throws IOException {
        long high = hasher.high(key, key.length);
        long low = hasher.low(key, key.length);
        return read(high, low, keydir.find(high, low), key);
    }

    /// The records of keys. All are looked up before the first is read: the processor then waits for the memory
    /// of several lookups at once.
    @Nullable
    Entry[] getAll(List<byte[]> keys) throws IOException {
        int count = keys.size();
        long[] high = new long[count];
        long[] low = new long[count];
        for (int i = 0; i < count; i++) {
            byte[] key = keys.get(i);
            high[i] = hasher.high(key, key.length);
            low[i] = hasher.low(key, key.length);
        }
        long[] found = new long[count];
        for (int i = 0; i < count; i++) {
            found[i] = keydir.find(high[i], low[i]);
        }
        @Nullable Entry[] read = new @Nullable Entry[count];
        for (int i = 0; i < count; i++) {
            read[i] = read(high[i], low[i], found[i], keys.get(i));
        }
        return read;
    }

    /// The record of a key if it is absent or in memory, or where it is otherwise.
    CacheLookup lookUp(byte[] key) {
        long high = hasher.high(key, key.length);
        long low = hasher.low(key, key.length);
        long location = keydir.find(high, low);
        return location == Location.NONE ? new CacheLookup.Known(null) : inMemory(high, low, location, key);
    }

    /// The record with this hash that was at a location. It may have moved since, or been removed.
    @Nullable
    Entry read(long high, long low, long found) throws IOException {
        return read(high, low, found, null);
    }

    // This loop stands here three times: one that is given what to read, even without capturing a lambda, was
    // measured to halve the speed of reads of the newest records.

    /// The record of a key that was at a location; null on a hash collision.
    @Nullable
    Entry read(long high, long low, long found, byte @Nullable [] key) throws IOException {
        long location = found;
        while (location != Location.NONE) {
            try {
                return entryAt(location, key);
            } catch (IOException e) {
                location = movedTo(high, low, location, e);
            }
        }
        return null;
    }

    /// As above, with the record's location.
    LocatedEntry locate(long high, long low, long found, byte @Nullable [] key) throws IOException {
        long location = found;
        while (location != Location.NONE) {
            try {
                return new LocatedEntry(location, entryAt(location, key));
            } catch (IOException e) {
                location = movedTo(high, low, location, e);
            }
        }
        return new LocatedEntry(Location.NONE, null);
    }

    /// What the record of a key that was at a location says of itself; null on a hash collision, or when it was
    /// removed since.
    @Nullable
    EntryInfo info(long high, long low, long found, byte[] key) throws IOException {
        long location = found;
        while (location != Location.NONE) {
            try {
                return infoAt(location, key);
            } catch (IOException e) {
                location = movedTo(high, low, location, e);
            }
        }
        return null;
    }

    /// Where the record is by now that could not be read where it was; [Location#NONE] when it was removed.
    private long movedTo(long high, long low, long location, IOException cause) throws IOException {
        // Only a live record can be damaged: a dead one may have been merged away meanwhile.
        long now = keydir.find(high, low);
        if (now == location) {
            requireOpen(cause);
            throw cause;
        }
        return now;
    }

    /// A header without a checksum is trusted when it is of a record of this key that is as long as the keydir
    /// says; otherwise the whole record is read, which may show that it is damaged.
    private @Nullable EntryInfo infoAt(long location, byte[] key) throws IOException {
        Entry cached = cache == null ? null : cache.getIfPresent(location);
        if (cached == null) {
            ByteBuffer head = log.readHead(location, key.length);
            if (isHeadOf(head, location, key)) {
                return new EntryInfo(
                        RecordFormat.valueLength(head, 0),
                        RecordFormat.sequence(head, 0),
                        RecordFormat.expiresAt(head, 0));
            }
        }
        Entry entry = entryAt(location, key);
        return entry == null ? null : EntryInfo.of(entry);
    }

    private static boolean isHeadOf(ByteBuffer head, long location, byte[] key) {
        return head.limit() == RecordFormat.HEADER_BYTES + key.length
                && RecordFormat.isPut(head, 0)
                && RecordFormat.hasKey(head, 0, key)
                && Location.isOfLength(location, RecordFormat.length(key.length, RecordFormat.valueLength(head, 0)));
    }

    private void requireOpen(IOException cause) {
        if (log.isClosed()) {
            StoreClosedException closed = new StoreClosedException("the store");
            closed.addSuppressed(cause);
            throw closed;
        }
    }

    private @Nullable Entry entryAt(long location, byte @Nullable [] key) throws IOException {
        if (cache == null) {
            return ofKey(log.read(location, key, EntryReader::entry), key);
        }
        Entry cached = cache.getIfPresent(location);
        if (cached == null) {
            // The cache keeps its own copy of the key: the caller may change theirs.
            cached = log.read(location, null, EntryReader::entry);
            cache.put(location, cached);
        }
        return ofKey(cached, key);
    }

    /// A key's record that was at a location, if the cache or the page cache has it.
    private CacheLookup inMemory(long high, long low, long location, byte[] key) {
        Entry cached = cache == null ? null : cache.getIfPresent(location);
        if (cached == null && Location.maxBytes(location) <= MAX_UNCACHED_BYTES) {
            cached = log.readIfLoaded(location, moment(), key, EntryReader::entry);
        }
        return cached == null ? new CacheLookup.OnDisk(high, low, location) : new CacheLookup.Known(ofKey(cached, key));
    }

    private int moment() {
        return (int) (nanoTime.getAsLong() >>> MOMENT_SHIFT);
    }

    private static @Nullable Entry ofKey(Entry entry, byte @Nullable [] key) {
        return key == null || Arrays.equals(entry.key(), key) ? entry : null;
    }

    /// Decodes an intact record; reuses the array of the key that is looked for.
    private static @Nullable Entry entry(ByteBuffer bytes, int at, byte @Nullable [] wanted) {
        byte[] key = wanted != null && RecordFormat.hasKey(bytes, at, wanted) ? wanted : RecordFormat.key(bytes, at);
        byte[] value = RecordFormat.intactValue(bytes, at, key);
        return value == null
                ? null
                : new Entry(key, value, RecordFormat.sequence(bytes, at), RecordFormat.expiresAt(bytes, at));
    }
}
