package io.caskade.bitcask.store.merge;

import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.store.index.KeydirIndex;
import java.util.Arrays;

/// Keys and their places before and after a merge, off the heap's objects: four longs each.
final class KeyMoves {

    private static final int FIRST_MOVES = 1024;
    private static final int LONGS_PER_MOVE = 4;

    /// Upper and lower half of a hash, the old location, the new one or none.
    private long[] moves = new long[FIRST_MOVES * LONGS_PER_MOVE];

    private int count;

    int count() {
        return count;
    }

    /// Adds a key.
    ///
    /// @param to no location for one that is removed
    void add(KeyHash hash, long from, long to) {
        int at = count * LONGS_PER_MOVE;
        if (at == moves.length) {
            moves = Arrays.copyOf(moves, Math.multiplyExact(moves.length, 2));
        }
        moves[at] = hash.high();
        moves[at + 1] = hash.low();
        moves[at + 2] = from;
        moves[at + 3] = to;
        count++;
    }

    /// Moves the keys `[from, to)` that are still where they were. Called by the writer.
    void apply(KeydirIndex index, int from, int to) {
        for (int i = from; i < to; i++) {
            int at = i * LONGS_PER_MOVE;
            index.move(new KeyHash(moves[at], moves[at + 1]), moves[at + 2], moves[at + 3]);
        }
    }

    /// Forgets all keys, but keeps the room for them.
    void clear() {
        count = 0;
    }
}
