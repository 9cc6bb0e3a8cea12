package io.caskade.server.replica;

/// Why a replica refused a request.
public enum Refusal {
    /// Another node leads, or none; nothing was done.
    NOT_LEADER,
    /// This node leads but does not serve yet, or no longer; nothing was done.
    NOT_SERVING,
    /// Fewer copies are in sync and heard of than must be; nothing was done.
    NOT_ENOUGH_REPLICAS,
    /// Too many bytes are in flight; nothing was done.
    BUSY,
    /// The disk has no room; nothing was done.
    DISK_FULL,
    /// The copy has not come as far as the read's context in time; nothing was done.
    NOT_REACHED,
    /// What the read's context was told of is not in the partition's log any more; nothing was done.
    CONTEXT_LOST,
    /// The replica stopped before the outcome was known.
    OUTCOME_UNKNOWN,
    /// The disk failed or the copy was damaged; what was under way may or may not have been written.
    COPY_FENCED
}
