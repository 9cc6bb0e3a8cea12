package io.caskade.bitcask.store;

import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.log.Location;
import io.caskade.bitcask.log.RecordKind;

/// The keydir and the account of what it leaves of each segment, changed together. For the writer alone, but
/// for [#find].
final class Index {

    private final Keydir keydir;
    private final Usage usage = new Usage();

    Index(Keydir keydir) {
        this.keydir = keydir;
    }

    Usage usage() {
        return usage;
    }

    /// Where a key's committed record is. For any thread.
    long find(KeyHash hash) {
        return keydir.find(hash);
    }

    /// Does what a committed record says.
    ///
    /// @param expiresAt of a PUT; 0 for never, or when that is not known
    void apply(RecordKind kind, KeyHash hash, long location, long expiresAt) {
        apply(kind, hash.high(), hash.low(), location, expiresAt);
    }

    /// Does what a committed record says of the key whose hash has these halves.
    void apply(RecordKind kind, long high, long low, long location, long expiresAt) {
        switch (kind) {
            case PUT -> {
                usage.put(location, expiresAt);
                replaced(keydir.put(high, low, location));
            }
            case TOMBSTONE -> {
                usage.other(kind, location);
                replaced(keydir.remove(high, low));
            }
            case CLEAR -> {
                usage.other(kind, location);
                usage.clear();
                keydir.clear();
            }
            case MARK -> usage.other(kind, location);
        }
    }

    private void replaced(long location) {
        if (location != Location.NONE) {
            usage.dead(location);
        }
    }

    /// Moves a key, or takes it away, unless it was written since.
    void move(KeyHash hash, long from, long to) {
        boolean current = keydir.find(hash) == from;
        if (to != Location.NONE) {
            usage.moved(to, current);
        }
        if (current) {
            if (to == Location.NONE) {
                keydir.remove(hash);
            } else {
                keydir.put(hash, to);
            }
            usage.dead(from);
        }
    }
}
