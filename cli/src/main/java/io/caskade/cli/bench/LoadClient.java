package io.caskade.cli.bench;

import java.util.List;

/// One client of the cluster. For one thread.
interface LoadClient extends AutoCloseable {

    /// Sends operations, all before the first is answered, and returns when each has succeeded or failed, which
    /// it records.
    void exchange(List<LoadOperation> operations, Measurements measurements) throws InterruptedException;

    @Override
    void close();
}
