package io.caskade.server.replica;

import java.util.List;

/// A batch to be written: all of its records, or none.
///
/// @param token what the outcome is reported under; unique within the replica
/// @param acks when the outcome is reported
public record Proposal(long token, List<RecordDraft> records, Acks acks) {

    /// When a write counts as done for the caller for it.
    public enum Acks {
        /// When all in sync hold it: it will not be lost.
        ALL,
        /// When the leader holds it: it is lost with the leader.
        LEADER
    }

    /// A batch that all in sync must hold.
    public Proposal(long token, List<RecordDraft> records) {
        this(token, records, Acks.ALL);
    }

    /// Refuses a batch of nothing.
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
