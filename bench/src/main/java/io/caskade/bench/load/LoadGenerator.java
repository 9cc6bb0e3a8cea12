package io.caskade.bench.load;

/// A running load. Closing it starts no more operations and waits for those in flight.
public interface LoadGenerator extends AutoCloseable {

    @Override
    void close();
}
