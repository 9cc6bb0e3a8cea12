package io.caskade.bitcask.segment;

import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.record.RecordFormat;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A memory map of a segment's first bytes. Immutable, thread-safe; once it is unmapped, reads throw
/// [IllegalStateException].
///
/// @param records the bytes that are in view and that a buffer can address, little-endian; only its
///     absolute methods may be called
record Mapping(MemorySegment memory, ByteBuffer records) {

    /// A view of nothing.
    static final Mapping NONE = new Mapping(MemorySegment.NULL);

    private static final Logger LOG = LoggerFactory.getLogger(Mapping.class);

    Mapping(MemorySegment memory) {
        this(
                memory,
                memory.asSlice(0, Math.min(memory.byteSize(), Integer.MAX_VALUE))
                        .asByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN));
    }

    /// A view of the file's first bytes; of nothing where that cannot be had.
    static Mapping of(DiskFile file, long bytes, Supplier<Arena> arena) {
        try {
            return file.map(bytes, arena).map(Mapping::new).orElse(NONE);
        } catch (IOException e) {
            LOG.warn("{}: cannot be mapped, reads of it are slower: {}", file.path(), e.getMessage());
            return NONE;
        }
    }

    /// Throws what a reader met, unless it is that the map was given back.
    void requireGivenBack(IllegalStateException met) {
        if (memory.scope().isAlive()) {
            throw met;
        }
    }

    long bytes() {
        return memory.byteSize();
    }

    /// Whether a buffer can address all bytes up to an offset.
    boolean hasAllUpTo(long offset) {
        return offset <= records.limit();
    }

    /// Whether the record at an offset is in view as a whole, by what its header says.
    boolean hasRecordAt(long offset) {
        return offset <= records.limit() - RecordFormat.HEADER_BYTES
                && RecordFormat.trustedLength(records, (int) offset) <= records.limit() - offset;
    }
}
