package io.caskade.client;

import io.caskade.api.CausalContext;
import java.util.Optional;

/// The result of a compare-and-set.
public sealed interface CompareAndSetResult {

    /// What the answer covers: a causal read with it shows the key as it was then, or later.
    CausalContext context();

    /// The expectation held and the new value was written.
    ///
    /// @param version the key's new version
    record Applied(long version, CausalContext context) implements CompareAndSetResult {}

    /// The expectation did not hold and nothing was written.
    ///
    /// @param current the record; empty when there is none
    record Differs(Optional<Entry> current, CausalContext context) implements CompareAndSetResult {}
}
