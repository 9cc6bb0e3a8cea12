package io.caskade.bitcask.disk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Allocates buffers in the byte order of all files of the engine.
public final class LittleEndian {

    private LittleEndian() {}

    /// A buffer on the heap.
    public static ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// A buffer outside the heap, which the system reads and writes without another copy.
    public static ByteBuffer allocateDirect(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
