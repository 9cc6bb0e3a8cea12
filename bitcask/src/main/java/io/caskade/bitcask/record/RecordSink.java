package io.caskade.bitcask.record;

import java.nio.ByteBuffer;

/// Receives records in the order of their sequences.
@FunctionalInterface
public interface RecordSink {

    /// One valid record of a whole batch. The buffer is valid only during the call; read it with
    /// [RecordFormat].
    ///
    /// @param at where the record begins in the buffer
    /// @param location where it is in the log
    void accept(ByteBuffer bytes, int at, long location);
}
