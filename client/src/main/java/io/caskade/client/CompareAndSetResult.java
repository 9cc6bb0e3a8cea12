package io.caskade.client;

import java.util.Optional;

/// What became of a compare-and-set.
public sealed interface CompareAndSetResult {

    /// The expectation held and the new value was written.
    ///
    /// @param version the version the write gave the key
    record Applied(long version) implements CompareAndSetResult {}

    /// The expectation did not hold and nothing was written.
    ///
    /// @param current what there is instead; empty when there is no record
    record Differs(Optional<Entry> current) implements CompareAndSetResult {}
}
