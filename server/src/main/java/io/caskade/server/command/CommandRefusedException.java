package io.caskade.server.command;

/// A command was not done, or its outcome is not known. Carries no stack trace: it is an answer, not a fault
/// of the node.
public final class CommandRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Why.
    public enum Reason {
        /// A key, value, cursor or number is outside its limits; nothing was done.
        INVALID_ARGUMENT,
        /// The record's value is not what the command needs; nothing was done.
        WRONG_VALUE,
        /// This node does not lead the key's partition; nothing was done.
        NOT_LEADER,
        /// The partition's leader does not serve yet or no longer; nothing was done.
        NOT_SERVING,
        /// Fewer copies are in sync and heard of than must be; nothing was done.
        NOT_ENOUGH_REPLICAS,
        /// Too many bytes are in flight; nothing was done.
        BUSY,
        /// The disk is full; nothing was done.
        DISK_FULL,
        /// It may take effect or not.
        OUTCOME_UNKNOWN,
        /// The copy is damaged or its disk failed.
        COPY_FENCED
    }

    private final Reason reason;

    /// A refusal whose message says what the limit or the obstacle is.
    public CommandRefusedException(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    /// Why.
    public Reason reason() {
        return reason;
    }
}
