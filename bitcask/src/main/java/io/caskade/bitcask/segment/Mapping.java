package io.caskade.bitcask.segment;

import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.record.RecordFormat;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.function.Supplier;

/// A memory map of a range of a segment's file. Immutable, thread-safe; once it is unmapped, reads throw
/// [IllegalStateException].
///
/// @param from the offset in the file of its first byte
/// @param records the bytes that are in view and that a buffer can address, little-endian; only its
///     absolute methods may be called
/// @param loaded which of the bytes are in the page cache
record Mapping(MemorySegment memory, long from, ByteBuffer records, LoadedBlocks loaded) {

    /// A view of nothing.
    static final Mapping NONE = new Mapping(MemorySegment.NULL, 0);

    Mapping(MemorySegment memory, long from) {
        this(
                memory,
                from,
                memory.asSlice(0, Math.min(memory.byteSize(), Integer.MAX_VALUE))
                        .asByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN),
                new LoadedBlocks(memory));
    }

    /// A view of the bytes `[from, to)`, which the file has; empty where the disk supports no maps.
    static Optional<Mapping> of(DiskFile file, long from, long to, Supplier<Arena> arena) throws IOException {
        return file.map(from, to - from, arena).map(memory -> new Mapping(memory, from));
    }

    /// This view without what follows an offset.
    Mapping upTo(long offset) {
        return offset >= end() ? this : new Mapping(memory.asSlice(0, Math.max(0, offset - from)), from);
    }

    /// Throws what a reader met, unless it is that the map was given back.
    void requireGivenBack(IllegalStateException met) {
        if (memory.scope().isAlive()) {
            throw met;
        }
    }

    /// The offset in the file at which it ends.
    long end() {
        return from + memory.byteSize();
    }

    /// Where in the buffer the byte at an offset is that it has.
    int index(long offset) {
        return (int) (offset - from);
    }

    /// Whether a buffer can address all bytes `[offset, offset + length)`, of which it has the first or none.
    boolean has(long offset, int length) {
        return offset - from <= records.limit() - length;
    }

    /// Whether the record at an offset, of which it has the first byte or none, is in view as a whole, by what
    /// its header says.
    boolean hasRecordAt(long offset) {
        return has(offset, RecordFormat.HEADER_BYTES)
                && has(offset, RecordFormat.trustedLength(records, index(offset)));
    }

    /// Whether the record at an offset, of which it has the first byte or none, is in view as a whole and in
    /// the page cache, or was a moment ago.
    ///
    /// @param maxBytes how long the record is at most
    /// @param moment goes up by one from moment to moment
    boolean hasLoadedRecordAt(long offset, long maxBytes, int moment) {
        long length = Math.min(maxBytes, records.limit() - (offset - from));
        return length >= RecordFormat.HEADER_BYTES
                && loaded.areLoaded(offset - from, length, moment)
                && hasRecordAt(offset);
    }
}
