package io.caskade.bench.engine;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// An open store of one of the engines. Thread-safe, except [#close].
interface Engine extends Closeable {

    /// Sets a key's value; how much that promises is the [WriteMode] the store was opened in.
    void put(byte[] key, byte[] value) throws IOException;

    /// A copy of a key's value, or null when there is none.
    byte @Nullable [] get(byte[] key) throws IOException;

    /// Returns when all puts before survive a power failure.
    void sync() throws IOException;

    /// Returns when the work the engine does in the background, as far as it tells, is done.
    void settle() throws IOException;

    @Override
    void close() throws IOException;
}
