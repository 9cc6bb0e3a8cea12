package io.caskade.bench.cluster;

/// A running load. Closing it starts no more operations and waits for those in flight.
interface LoadGenerator extends AutoCloseable {

    @Override
    void close();
}
