package io.caskade.bitcask.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// Is shown all that a [LogSurvey] finds, in the order of the log.
public interface SurveySink {

    /// A whole and intact record of a whole batch, with a greater sequence than those before. The buffer is good
    /// only during the call.
    ///
    /// @param at where the record begins in the buffer
    /// @param offset where it begins in the file
    void record(ByteBuffer bytes, int at, Path file, long offset) throws IOException;

    /// Something that is no record.
    default void hole(Hole hole) throws IOException {}

    /// So many bytes more have been read.
    default void moved(long bytes) {}
}
