package io.caskade.bitcask.keydir;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/// The off-heap memory of one keydir: a pool of pages of one size.
///
/// Pages come from chunks, each a small part of all that is held, so little is committed before it is used.
/// Since all pages have one size, any free page serves the next request, and there is no fragmentation. Memory
/// is returned to the system only when the pool is closed. Writer only.
final class PagePool implements AutoCloseable {

    /// A new chunk is at most this part of the total: bounds the unused memory.
    private static final int CHUNK_PART = 32;

    private static final long MAX_CHUNK_BYTES = 4 << 20;

    private static final int CACHE_LINE = 64;

    /// The heap size of a page's object and the reference to it.
    private static final long PAGE_OBJECT_BYTES = 48;

    private final long pageBytes;
    private final Arena arena = Arena.ofShared();
    private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();

    private long bytes;

    /// Creates an empty pool for pages of this size.
    PagePool(long pageBytes) {
        this.pageBytes = pageBytes;
    }

    /// Ensures that a number of pages is free, with one chunk for what is missing.
    void reserve(long pages) {
        if (free.size() < pages) {
            addChunk(pages - free.size());
        }
    }

    /// Allocates a page of zeros.
    MemorySegment allocate() {
        if (free.isEmpty()) {
            addChunk(Math.max(1, Math.min(bytes / CHUNK_PART, MAX_CHUNK_BYTES) / pageBytes));
        }
        return free.removeLast();
    }

    private void addChunk(long pages) {
        add(arena.allocate(pages * pageBytes, CACHE_LINE));
    }

    private void add(MemorySegment chunk) {
        bytes += chunk.byteSize() + chunk.byteSize() / pageBytes * PAGE_OBJECT_BYTES;
        for (long at = chunk.byteSize() - pageBytes; at >= 0; at -= pageBytes) {
            free.addLast(chunk.asSlice(at, pageBytes));
        }
    }

    /// Frees a page and clears it.
    void free(MemorySegment page) {
        free.addLast(page.fill((byte) 0));
    }

    /// All memory of the pool, used or not.
    long bytes() {
        return bytes;
    }

    /// Frees all memory. Access to a page from now on throws [IllegalStateException].
    @Override
    public void close() {
        arena.close();
    }
}
