package io.caskade.bitcask.disk;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/// An open file with positions given by the caller. One thread may change it while any number read and one
/// syncs; none of them is interruptible.
public interface DiskFile extends Closeable {

    /// The name the file was opened under.
    Path path();

    /// Its length in bytes.
    long size() throws IOException;

    /// Reads until the buffer is full or the file ends.
    ///
    /// @return the number of bytes read, 0 at or past the end
    int read(ByteBuffer into, long position) throws IOException;

    /// A memory map of `bytes` bytes from an offset on, all of which the file has, if this disk supports it. It
    /// shows later writes, lives as long as the arena and outlives the file's closing, but truncated bytes must
    /// no longer be accessed.
    ///
    /// @param arena is asked for only if the disk supports maps
    default Optional<MemorySegment> map(long from, long bytes, Supplier<Arena> arena) throws IOException {
        return Optional.empty();
    }

    /// Gives back what an open file costs the system, until it is next used. To be called when all that was
    /// written is synced: the error of a sync that is still to come would be lost.
    default void rest() throws IOException {}

    /// Writes all that remains in the buffer.
    ///
    /// @throws io.caskade.bitcask.DiskFullException when there is no room; part of it may have been written
    void write(ByteBuffer from, long position) throws IOException;

    /// Makes writes within `[from, to)` cheap. The file gets the length `to`, if it is shorter, with zeros
    /// that are allocated on the disk: a write there needs no more space and changes no metadata. The zeros
    /// are as durable as other writes. Replaces an earlier reservation.
    ///
    /// @param syncs how often the file will be synced
    /// @throws io.caskade.bitcask.DiskFullException when the disk is full; the file is unchanged
    void reserve(long from, long to, Syncs syncs) throws IOException;

    /// How often a file is synced.
    enum Syncs {
        /// After each write or few.
        OFTEN,
        /// After many writes, or never.
        SELDOM
    }

    /// Truncates the file.
    void truncate(long size) throws IOException;

    /// Makes everything written before the call durable, as `fdatasync` does. A sync that failed must never be
    /// tried again: the kernel may have dropped the bytes and forgotten the error.
    void sync() throws IOException;
}
