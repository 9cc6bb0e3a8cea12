package io.caskade.bitcask.inspect;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// Receives all that a [SalvageScan] finds, in the order of the log.
public interface SalvageSink {

    /// A whole and intact record of a whole batch, with a greater sequence than those before. The buffer is
    /// good only during the call.
    ///
    /// @param at where the record begins in the buffer
    /// @param offset where it begins in the file
    void record(ByteBuffer bytes, int at, Path file, long offset) throws IOException;

    /// A gap in the log.
    default void gap(Gap gap) throws IOException {}

    /// Called after that many more bytes were read.
    default void moved(long bytes) {}
}
