package io.caskade.bitcask.inspect;

import io.caskade.bitcask.log.Hole;
import java.io.IOException;

/// Is shown the records of a log in the order of their sequences, and where some are missing.
@FunctionalInterface
public interface DumpSink {

    /// The next record.
    void record(DumpedRecord next) throws IOException;

    /// A place where no record can be read.
    default void hole(Hole hole) throws IOException {}
}
