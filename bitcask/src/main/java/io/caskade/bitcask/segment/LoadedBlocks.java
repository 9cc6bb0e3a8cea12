package io.caskade.bitcask.segment;

import java.lang.foreign.MemorySegment;

/// Tells which bytes of a memory map are in the page cache, so that reading them does not wait for the disk.
///
/// Asking the operating system takes longer than reading a small record. So the answer for a whole block is
/// believed for a moment: a page that is dropped in that time makes a reader wait once. Thread-safe.
final class LoadedBlocks {

    private static final int BLOCK_SHIFT = 16;

    private final MemorySegment memory;

    /// By block: when all of it was last seen in the page cache. Threads may miss what others note here.
    private final int[] loadedAt;

    LoadedBlocks(MemorySegment memory) {
        this.memory = memory;
        this.loadedAt = new int[blockAt(memory.byteSize() + (1 << BLOCK_SHIFT) - 1)];
    }

    /// Whether bytes are in the page cache, or were a moment ago.
    ///
    /// @param from index of the first one
    /// @param length at least 1; all are in the map
    /// @param moment goes up by one from moment to moment
    boolean areLoaded(long from, long length, int moment) {
        int last = blockAt(from + length - 1);
        for (int block = blockAt(from); block <= last; block++) {
            int at = loadedAt[block];
            if (at == moment || at == moment - 1) {
                continue;
            }
            if (!isLoaded(block)) {
                // The end of the tail has pages to which nothing was written.
                return isLoaded(from, length);
            }
            loadedAt[block] = moment;
        }
        return true;
    }

    private static int blockAt(long index) {
        return (int) (index >>> BLOCK_SHIFT);
    }

    private boolean isLoaded(int block) {
        long start = (long) block << BLOCK_SHIFT;
        return isLoaded(start, Math.min(1 << BLOCK_SHIFT, memory.byteSize() - start));
    }

    private boolean isLoaded(long from, long length) {
        MemorySegment bytes = memory.asSlice(from, length);
        return !bytes.isMapped() || bytes.isLoaded();
    }
}
