package io.caskade.bitcask.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// A memory-mapped range of a file for writing. The range must be allocated on the disk: a mapped write cannot
/// report a full disk. For one thread at a time.
///
/// @param memory the bytes `[from, to)` of the file
record WriteWindow(Arena arena, ByteBuffer memory, long from) implements AutoCloseable {

    /// Maps the bytes `[from, to)`, which the file has.
    static WriteWindow open(FileChannel channel, long from, long to) throws IOException {
        Arena arena = Arena.ofShared();
        boolean opened = false;
        try {
            ByteBuffer memory = channel.map(FileChannel.MapMode.READ_WRITE, from, to - from, arena)
                    .asByteBuffer();
            opened = true;
            return new WriteWindow(arena, memory, from);
        } finally {
            if (!opened) {
                arena.close();
            }
        }
    }

    boolean covers(long position, int length) {
        return position >= from && position + length <= from + memory.capacity();
    }

    /// Writes all that remains in a buffer.
    ///
    /// @throws InternalError when the disk fails
    void write(ByteBuffer bytes, long position) {
        memory.put((int) (position - from), bytes, bytes.position(), bytes.remaining());
        bytes.position(bytes.limit());
    }

    @Override
    public void close() {
        Unmapper.close(arena);
    }
}
