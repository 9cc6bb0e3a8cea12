package io.caskade.bitcask.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.caskade.bitcask.Entry;
import io.caskade.bitcask.StoreClosedException;
import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.log.Log;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.RecordFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Reads committed records at the keydir's locations, through a cache. Thread-safe.
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
    private final LongSupplier nanoTime;
    private final @Nullable Cache<Long, Entry> cache;

    /// @param cacheBytes the size of the cache; 0 for none
    /// @param nanoTime a monotonic clock
    EntryReader(Log log, Keydir keydir, long cacheBytes, LongSupplier nanoTime) {
        this.log = log;
        this.keydir = keydir;
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

    /// The record with this hash that was at a location. It may have moved since, or been removed.
    @Nullable
    Entry read(long high, long low, long found) throws IOException {
        return read(high, low, found, null);
    }

    /// The record of a key that was at a location; null on a hash collision.
    @Nullable
    Entry read(long high, long low, long found, byte @Nullable [] key) throws IOException {
        return locate(high, low, found, key).entry();
    }

    /// A read of a record where it is.
    private interface ReadAt<T> {
        T of(long location) throws IOException;
    }

    /// As above, with the record's location.
    LocatedEntry locate(long high, long low, long found, byte @Nullable [] key) throws IOException {
        LocatedEntry located = readAt(high, low, found, location -> new LocatedEntry(location, entryAt(location, key)));
        return located == null ? new LocatedEntry(Location.NONE, null) : located;
    }

    /// What the record of a key that was at a location says of itself; null on a hash collision, or when it was
    /// removed since.
    @Nullable
    EntryInfo info(long high, long low, long found, byte[] key) throws IOException {
        Optional<EntryInfo> info = readAt(high, low, found, location -> infoAt(location, key));
        return info == null ? null : info.orElse(null);
    }

    /// A header without a checksum is trusted when it is of a record of this key that is as long as the keydir
    /// says; otherwise the whole record is read, which may show that it is damaged.
    private Optional<EntryInfo> infoAt(long location, byte[] key) throws IOException {
        Entry cached = cache == null ? null : cache.getIfPresent(location);
        if (cached == null) {
            ByteBuffer head = log.readHead(location, key.length);
            if (isHeadOf(head, location, key)) {
                return Optional.of(new EntryInfo(
                        RecordFormat.valueLength(head, 0),
                        RecordFormat.sequence(head, 0),
                        RecordFormat.expiresAt(head, 0)));
            }
        }
        return Optional.ofNullable(entryAt(location, key)).map(EntryInfo::of);
    }

    private static boolean isHeadOf(ByteBuffer head, long location, byte[] key) {
        return head.limit() == RecordFormat.HEADER_BYTES + key.length
                && RecordFormat.isPut(head, 0)
                && RecordFormat.hasKey(head, 0, key)
                && Location.isOfLength(location, RecordFormat.length(key.length, RecordFormat.valueLength(head, 0)));
    }

    /// Reads at a location, or where the record has moved since.
    ///
    /// @return null when it was removed
    private <T> @Nullable T readAt(long high, long low, long found, ReadAt<T> read) throws IOException {
        long location = found;
        while (location != Location.NONE) {
            try {
                return read.of(location);
            } catch (IOException e) {
                // Only a live record can be damaged: a dead one may have been merged away meanwhile.
                long now = keydir.find(high, low);
                if (now == location) {
                    requireOpen(e);
                    throw e;
                }
                location = now;
            }
        }
        return null;
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
    CacheLookup inMemory(long high, long low, long location, byte[] key) {
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
