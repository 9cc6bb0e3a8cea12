package io.caskade.bitcask.inspect;

import java.io.IOException;

/// Receives the records of a log in the order of their sequences, and the gaps between them.
@FunctionalInterface
public interface DumpSink {

    /// The next record.
    void record(DumpedRecord next) throws IOException;

    /// A place where no record can be read.
    default void gap(Gap gap) throws IOException {}
}
