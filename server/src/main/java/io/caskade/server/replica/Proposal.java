package io.caskade.server.replica;

import java.util.List;

/// A batch to write: all of its records or none.
///
/// @param token identifies the outcome; unique within the replica
/// @param acks when the outcome is reported
public record Proposal(long token, List<RecordDraft> records, Acks acks) {

    /// When a write is acknowledged to the caller.
    public enum Acks {
        /// Once the whole ISR holds it: it will not be lost.
        ALL,
        /// Once the leader holds it: it is lost with the leader.
        LEADER
    }

    /// A batch acknowledged once the whole ISR holds it.
    public Proposal(long token, List<RecordDraft> records) {
        this(token, records, Acks.ALL);
    }

    /// Rejects an empty batch.
    public Proposal {
        records = List.copyOf(records);
        if (records.isEmpty()) {
            throw new IllegalArgumentException("proposal " + token + " has no records");
        }
    }

    long bytes() {
        return records.stream().mapToLong(RecordDraft::bytes).sum();
    }
}
