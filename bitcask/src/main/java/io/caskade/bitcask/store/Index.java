package io.caskade.bitcask.store;

import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.log.Location;
import io.caskade.bitcask.log.RecordKind;

/// The keydir and the account of what it leaves of each segment, changed together. For the writer alone, but for
/// [#find].
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
    void apply(RecordKind kind, KeyHash hash, long location) {
        apply(kind, hash.high(), hash.low(), location);
    }

    /// Does what a committed record says of the key whose hash has these halves.
    void apply(RecordKind kind, long high, long low, long location) {
        switch (kind) {
            case PUT -> {
                usage.record(Location.segment(location), kind);
                usage.live(Location.segment(location));
                replaced(keydir.put(high, low, location));
            }
            case TOMBSTONE -> {
                usage.record(Location.segment(location), kind);
                replaced(keydir.remove(high, low));
            }
            case CLEAR -> {
                usage.record(Location.segment(location), kind);
                usage.clear();
                keydir.clear();
            }
            case MARK -> {}
        }
    }

    private void replaced(long location) {
        if (location != Location.NONE) {
            usage.dead(Location.segment(location));
        }
    }

    /// Moves a key, or takes it away, unless it was written since.
    void move(KeyHash hash, long from, long to) {
        if (to != Location.NONE) {
            usage.record(Location.segment(to), RecordKind.PUT);
        }
        if (keydir.find(hash) != from) {
            return;
        }
        if (to == Location.NONE) {
            keydir.remove(hash);
        } else {
            keydir.put(hash, to);
            usage.live(Location.segment(to));
        }
        usage.dead(Location.segment(from));
    }
}
