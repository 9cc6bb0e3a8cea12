package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.DiskFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A view of a segment's first bytes that is read without a call of the system. Immutable; safe for use by any
/// thread.
record Mapping(MemorySegment memory) {

    /// A view of nothing.
    static final Mapping NONE = new Mapping(MemorySegment.NULL);

    private static final Logger LOG = LoggerFactory.getLogger(Mapping.class);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// A view of the file's first bytes; of nothing where that cannot be had.
    static Mapping of(DiskFile file, long bytes) {
        try {
            return file.map(bytes).map(Mapping::new).orElse(NONE);
        } catch (IOException e) {
            LOG.warn("{}: cannot be mapped, reads of it are slower: {}", file.path(), e.getMessage());
            return NONE;
        }
    }

    long bytes() {
        return memory.byteSize();
    }

    /// The bytes of the record at an offset as its header has it, or null when they are not all in view.
    @Nullable
    ByteBuffer recordAt(long offset) {
        if (offset + RecordFormat.HEADER_BYTES > memory.byteSize()) {
            return null;
        }
        long length = RecordFormat.HEADER_BYTES
                + Short.toUnsignedLong(memory.get(SHORT, offset + RecordFormat.KEY_LENGTH))
                + Integer.toUnsignedLong(memory.get(INT, offset + RecordFormat.VALUE_LENGTH));
        if (length > memory.byteSize() - offset || length > Integer.MAX_VALUE) {
            return null;
        }
        return memory.asSlice(offset, length).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
}
