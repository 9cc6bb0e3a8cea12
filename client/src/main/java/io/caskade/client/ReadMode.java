package io.caskade.client;

import io.caskade.api.CausalContext;

/// How current a read must be, and so which replicas may answer it.
public sealed interface ReadMode {

    /// Shows every write that was acknowledged before the read began, anyone's. Answered by the leader alone.
    record Linearizable() implements ReadMode {}

    /// Shows at least what the context covers. Answered by any replica that has applied it; one that is behind
    /// waits for a while, and the client asks another then.
    record Causal(CausalContext context) implements ReadMode {}

    /// Shows some committed state, however old. Answered by any replica at once, also while the partition has
    /// no leader.
    record Eventual() implements ReadMode {}

    /// The default.
    static ReadMode linearizable() {
        return new Linearizable();
    }

    /// Not older than what was seen.
    static ReadMode causal(CausalContext context) {
        return new Causal(context);
    }

    /// Any replica, at once.
    static ReadMode eventual() {
        return new Eventual();
    }
}
