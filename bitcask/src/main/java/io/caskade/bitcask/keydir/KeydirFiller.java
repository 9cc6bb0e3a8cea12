package io.caskade.bitcask.keydir;

import org.jspecify.annotations.Nullable;

/// Fills an unused keydir from several threads. Hashes are divided into *ranges*, which may be written
/// concurrently, each by one thread. The keydir must not be used otherwise before [#done].
public final class KeydirFiller {

    private final Keydir keydir;
    private final int rangeBits;

    /// A filler whose ranges are selected by at most this many leading bits of a hash. A keydir that expects
    /// many keys has many ranges; a small one has one.
    public KeydirFiller(Keydir keydir, int maxBits) {
        this.keydir = keydir;
        this.rangeBits = Math.min(maxBits, keydir.minDepth());
    }

    /// The number of ranges, a power of two.
    public int ranges() {
        return 1 << rangeBits;
    }

    /// The range of a hash with this upper half.
    public int rangeOf(long high) {
        return (int) Shard.upperBits(high, rangeBits);
    }

    /// Sets the location of a key's newest record, as [Keydir#put].
    public long put(long high, long low, long location) {
        return keydir.fill(high, low, location);
    }

    /// Removes a key, as [Keydir#remove].
    public long remove(long high, long low) {
        return keydir.removeWhileLoading(high, low);
    }

    /// Adds entries in hash order to empty ranges, faster than [#put]. Single-threaded.
    public final class Run {

        private @Nullable Shard shard;

        /// The shard's first slot after all occupied ones.
        private int free;

        private Run() {}

        /// Adds an entry whose hash is greater than those added before.
        public void add(long high, long low, long location) {
            Shard current = shard;
            if (current == null || !current.covers(high)) {
                current = keydir.shardOf(high);
                shard = current;
                free = current.size() == 0 ? 0 : Integer.MAX_VALUE;
            }
            if (!append(current, high, low, location)) {
                keydir.fill(high, low, location);
                free = Integer.MAX_VALUE;
            }
        }

        private boolean append(Shard current, long high, long low, long location) {
            if (free == Integer.MAX_VALUE) {
                return false;
            }
            int place = current.append(free, high, low, location);
            free = place + 1;
            return place >= 0;
        }
    }

    /// Starts to add entries in order.
    public Run run() {
        return new Run();
    }

    /// Completes the filling: the keydir may be used by any thread.
    public void done() {
        keydir.republishMemoryBytes();
    }
}
