package io.caskade.server.replica;

/// Why a replica refused a request.
public enum Refusal {
    /// Another node leads, or none; nothing was done.
    NOT_LEADER,
    /// This node leads but does not serve yet, or no longer; nothing was done.
    NOT_SERVING,
    /// Fewer than min-insync members of the ISR answered heartbeats within the lease; nothing was done.
    NOT_ENOUGH_REPLICAS,
    /// The disk is full; nothing was done.
    DISK_FULL,
    /// The copy did not catch up with the read's context in time; nothing was done.
    BEHIND_CONTEXT,
    /// The read's context refers to writes that are not in the partition's log any more; nothing was done.
    CONTEXT_LOST,
    /// The replica stopped leading before the outcome was known; the write may have been applied, or may still
    /// be.
    OUTCOME_UNKNOWN,
    /// The disk failed or the copy was damaged; what was in flight may or may not have been written.
    COPY_FENCED
}
