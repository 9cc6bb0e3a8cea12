package io.caskade.server.replica;

import java.util.List;

/// A batch to be written: all of its records, or none.
///
/// @param token what the outcome is reported under; unique within the replica
public record Proposal(long token, List<RecordDraft> records) {

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
