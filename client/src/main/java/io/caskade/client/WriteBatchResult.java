package io.caskade.client;

import io.caskade.api.CausalContext;
import io.caskade.api.v1.ErrorCode;
import java.util.List;

/// The result of a batch.
public sealed interface WriteBatchResult {

    /// What the answer covers: a causal read with it shows the keys as they were then, or later.
    CausalContext context();

    /// All checks held.
    ///
    /// @param outcomes of the writes, in their order
    record Applied(List<Outcome> outcomes, CausalContext context) implements WriteBatchResult {
        /// Makes the list immutable.
        public Applied {
            outcomes = List.copyOf(outcomes);
        }
    }

    /// A check did not hold, and nothing was written.
    ///
    /// @param check the index of the first check that did not hold
    record CheckFailed(int check, CausalContext context) implements WriteBatchResult {}

    /// What became of one write of a batch.
    sealed interface Outcome {

        /// Of a put, a delete, or a change of an expiry.
        record Written(WriteResult result) implements Outcome {}

        /// Of an increment.
        record Counted(Counter counter) implements Outcome {}

        /// Of a compare-and-set.
        record Compared(CompareAndSetResult result) implements Outcome {}

        /// It changed nothing: the key's value is not what it needs (`WRONG_VALUE`), or would overflow
        /// (`OVERFLOW`).
        record Refused(ErrorCode code, String message) implements Outcome {}
    }
}
