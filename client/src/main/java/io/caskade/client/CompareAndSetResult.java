package io.caskade.client;

import java.util.Optional;

/// The result of a compare-and-set.
public sealed interface CompareAndSetResult {

    /// The expectation held and the new value was written.
    ///
    /// @param version the key's new version
    record Applied(long version) implements CompareAndSetResult {}

    /// The expectation did not hold and nothing was written.
    ///
    /// @param current the record; empty when there is none
    record Differs(Optional<Entry> current) implements CompareAndSetResult {}
}
