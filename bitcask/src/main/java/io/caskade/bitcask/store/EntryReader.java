package io.caskade.bitcask.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.log.Location;
import io.caskade.bitcask.log.Log;
import io.caskade.bitcask.log.RecordFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads committed records where the keydir says they are, through a cache. For any thread.
final class EntryReader {

    private final Log log;
    private final Keydir keydir;
    private final @Nullable Cache<Long, Entry> cache;

    /// A reader with a cache of so many bytes; 0 for none.
    EntryReader(Log log, Keydir keydir, long cacheBytes) {
        this.log = log;
        this.keydir = keydir;
        this.cache = cacheBytes == 0 ? null : cacheOf(cacheBytes);
    }

    private static Cache<Long, Entry> cacheOf(long bytes) {
        return Caffeine.newBuilder()
                .maximumWeight(bytes)
                .weigher((Long location, Entry entry) -> entry.key().length + entry.value().length)
                .executor(Runnable::run)
                .build();
    }

    /// The record with a hash that was at a location. It may have moved since, or be gone.
    @Nullable
    Entry read(KeyHash hash, long found) throws IOException {
        return read(hash, found, null);
    }

    /// The record of a key that was at a location; nothing if what is there is another's that shares the hash, which
    /// would be a wonder.
    @Nullable
    Entry read(KeyHash hash, long found, byte @Nullable [] key) throws IOException {
        long location = found;
        while (location != Location.NONE) {
            try {
                return entryAt(location, key);
            } catch (IOException e) {
                // Only a record that still counts can be damaged: another one may have been taken away meanwhile.
                long now = keydir.find(hash);
                if (now == location) {
                    throw e;
                }
                location = now;
            }
        }
        return null;
    }

    private @Nullable Entry entryAt(long location, byte @Nullable [] key) throws IOException {
        Entry cached = cache == null ? null : cache.getIfPresent(location);
        if (cached != null) {
            return key == null || Arrays.equals(cached.key(), key) ? cached : null;
        }
        ByteBuffer record = log.read(location);
        if (key != null && !RecordFormat.hasKey(record, 0, key)) {
            return null;
        }
        // The cache keeps a key of its own, for the caller may change his.
        byte[] own = key != null && cache == null ? key : RecordFormat.key(record, 0);
        Entry entry = new Entry(
                own,
                RecordFormat.value(record, 0),
                RecordFormat.sequence(record, 0),
                RecordFormat.expiresAt(record, 0));
        if (cache != null) {
            cache.put(location, entry);
        }
        return entry;
    }
}
