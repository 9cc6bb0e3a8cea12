package io.caskade.server.simulator;

import io.caskade.server.command.ReplicaRead;
import io.caskade.server.replica.Proposal.Acks;
import io.caskade.server.simulator.Operation.Kind;
import org.jspecify.annotations.Nullable;

/// What a client asks for.
///
/// @param expected the value a swap expects, null otherwise
/// @param value what is to be written, null for others
/// @param ttlMillis the written value's time to live; 0 for never
/// @param acks when a write is to be answered
/// @param replicaRead what a read demands that any copy may answer; null for a linearizable one
/// @param batch what is asked for in place of all this but a key of its partition; null for a request of one
///     key
record Request(
        Kind kind,
        String key,
        @Nullable String expected,
        @Nullable String value,
        long ttlMillis,
        Acks acks,
        @Nullable ReplicaRead replicaRead,
        @Nullable SentBatch batch) {

    /// A request of one key.
    Request(
            Kind kind,
            String key,
            @Nullable String expected,
            @Nullable String value,
            long ttlMillis,
            Acks acks,
            @Nullable ReplicaRead replicaRead) {
        this(kind, key, expected, value, ttlMillis, acks, replicaRead, null);
    }

    static Request read(String key) {
        return new Request(Kind.READ, key, null, null, 0, Acks.ALL, null);
    }

    static Request batch(String key, SentBatch batch) {
        return new Request(Kind.WRITE, key, null, null, 0, Acks.ALL, null, batch);
    }
}
