package io.caskade.bitcask.keydir;

import io.caskade.bitcask.KeydirFullException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/// Bounds the memory of one or several keydirs by their number of keys, each counted with the most it can take.
///
/// Memory that removed keys leave is used for other keys, so the bound is one on keys that exist at a time.
/// Thread-safe.
public final class KeydirLimit {

    /// What a key takes at most, everything counted, in a keydir of 100,000 keys or more.
    public static final int BYTES_PER_KEY = 38;

    private static final KeydirLimit NONE = new KeydirLimit(0, "");

    private final long maxBytes;
    private final String setting;
    private final long maxKeys;
    private final AtomicLong keys = new AtomicLong();

    /// @param maxBytes the memory of all keydirs together; 0 for any
    /// @param setting the name of that bound in refusals
    public KeydirLimit(long maxBytes, String setting) {
        this.maxBytes = maxBytes;
        this.setting = setting;
        this.maxKeys = maxBytes == 0 ? Long.MAX_VALUE : maxBytes / BYTES_PER_KEY;
    }

    /// No bound.
    public static KeydirLimit none() {
        return NONE;
    }

    /// Keys were added, or removed if the number is negative.
    void add(long count) {
        if (maxBytes != 0) {
            keys.addAndGet(count);
        }
    }

    /// Whether there is no room for another key.
    public boolean isReached() {
        return keys.get() >= maxKeys;
    }

    /// What refuses a new key.
    ///
    /// @param directory the store's
    public KeydirFullException refusal(Path directory) {
        return new KeydirFullException(directory, setting, maxBytes);
    }
}
