package io.caskade.bench.load;

import java.util.concurrent.CompletableFuture;

/// The operations of a load. Thread-safe.
@FunctionalInterface
public interface OperationSource {

    /// Starts one and does not wait for it.
    ///
    /// @param number which, from 0 on; the same number is the same operation in every run
    CompletableFuture<?> start(long number);
}
