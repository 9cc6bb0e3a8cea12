package io.caskade.bitcask.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// An open file with positions given by the caller. One thread may write while any number read and one syncs;
/// none of them heeds interrupts.
public interface DiskFile extends Closeable {

    /// The name the file was opened under.
    Path path();

    /// Its length in bytes.
    long size() throws IOException;

    /// Reads until the buffer is full or the file ends.
    ///
    /// @return the number of bytes read, 0 at or past the end
    int read(ByteBuffer into, long position) throws IOException;

    /// Writes all that remains in the buffer.
    ///
    /// @throws DiskFullException when there is no room; part of it may have been written
    void write(ByteBuffer from, long position) throws IOException;

    /// Cuts the file to a length that is not greater than its own.
    void truncate(long size) throws IOException;

    /// Makes all that was written before the call last, as `fdatasync` does. A sync that failed must never be
    /// tried again: the kernel may have dropped the bytes and forgotten the error.
    void sync() throws IOException;
}
