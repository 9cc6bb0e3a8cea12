package io.caskade.bench.load;

import java.io.IOException;

/// A source of operations that has connections of its own. Thread-safe.
public interface LoadClient extends OperationSource, AutoCloseable {

    /// Disconnects, when all operations have ended.
    @Override
    void close() throws IOException;
}
