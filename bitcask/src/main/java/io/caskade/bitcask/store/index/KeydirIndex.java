package io.caskade.bitcask.store.index;

import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.RecordKind;

/// The keydir and the statistics of each segment, updated together. Writer only, except [#find].
public final class KeydirIndex {

    private final Keydir keydir;
    private final SegmentStats stats = new SegmentStats();

    /// Creates the index of a keydir, with empty statistics.
    public KeydirIndex(Keydir keydir) {
        this.keydir = keydir;
    }

    /// The statistics of each segment.
    public SegmentStats stats() {
        return stats;
    }

    /// The location of a key's committed record. Thread-safe.
    public long find(KeyHash hash) {
        return keydir.find(hash);
    }

    /// Applies a committed record.
    ///
    /// @param expiresAt of a PUT; 0 for never or unknown
    void apply(RecordKind kind, KeyHash hash, long location, long expiresAt) {
        apply(kind, hash.high(), hash.low(), location, expiresAt);
    }

    /// Applies a committed record of the key whose hash has these halves.
    void apply(RecordKind kind, long high, long low, long location, long expiresAt) {
        switch (kind) {
            case PUT -> {
                stats.put(location, expiresAt);
                markDead(keydir.put(high, low, location));
            }
            case TOMBSTONE -> {
                stats.addUnindexed(kind, location);
                markDead(keydir.remove(high, low));
            }
            case CLEAR -> {
                stats.addUnindexed(kind, location);
                stats.clear();
                keydir.clear();
            }
            case MARK -> stats.addUnindexed(kind, location);
        }
    }

    private void markDead(long location) {
        if (location != Location.NONE) {
            stats.markDead(location);
        }
    }

    /// Moves or removes a key, unless it was written since.
    public void move(KeyHash hash, long from, long to) {
        boolean current = keydir.find(hash) == from;
        if (to != Location.NONE) {
            stats.addMovedPut(to, current);
        }
        if (current) {
            if (to == Location.NONE) {
                keydir.remove(hash);
            } else {
                keydir.put(hash, to);
            }
            stats.markDead(from);
        }
    }
}
