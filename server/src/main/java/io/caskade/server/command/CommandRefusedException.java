package io.caskade.server.command;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// A command was refused, or its outcome is unknown. With [Reason#OUTCOME_UNKNOWN] and [Reason#COPY_FENCED] it
/// may have been done; with every other reason nothing was done. Carries no stack trace: it is an answer, not a
/// failure of the node.
public final class CommandRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// The kinds of refusal.
    public enum Reason {
        /// A key, value, cursor or number is outside its limits; nothing was done.
        INVALID_ARGUMENT,
        /// The record's value is not what the command needs; nothing was done.
        WRONG_VALUE,
        /// The counter and what is added make no 64-bit number; nothing was done.
        OVERFLOW,
        /// This node does not lead the key's partition; nothing was done.
        NOT_LEADER,
        /// The partition's leader does not serve yet or no longer; nothing was done.
        NOT_SERVING,
        /// Fewer than min-insync members of the ISR answered heartbeats within the lease; nothing was done.
        NOT_ENOUGH_REPLICAS,
        /// Too many bytes are in flight; nothing was done.
        BUSY,
        /// The disk is full; nothing was done.
        DISK_FULL,
        /// The keys have all the memory that `limits.keydir` allows; nothing was done.
        KEYDIR_FULL,
        /// The command may have been applied, or may still be.
        OUTCOME_UNKNOWN,
        /// The copy is damaged or its disk failed; a write may have been applied.
        COPY_FENCED,
        /// The replica has not applied what the read demands, or is still being filled; nothing was done.
        BEHIND_CONTEXT,
        /// The read demands a record that the partition's log does not contain; nothing was done.
        CONTEXT_LOST;

        /// Whether another node, or this one later, may do what this node has refused: it does not lead, or not
        /// now.
        public boolean mayRetryElsewhere() {
            return this == NOT_LEADER || this == NOT_SERVING;
        }
    }

    private final Reason reason;

    /// A refusal whose message names the limit or the obstacle.
    public CommandRefusedException(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    /// The kind of refusal.
    public Reason reason() {
        return reason;
    }

    /// Whether a failure, perhaps that of a completion stage, is a refusal after which another node, or this
    /// one later, may be asked.
    ///
    /// @param failure null for none
    public static boolean mayRetryElsewhere(@Nullable Throwable failure) {
        return switch (failure) {
            case CommandRefusedException refused -> refused.reason().mayRetryElsewhere();
            case CompletionException wrapped when wrapped.getCause() != null -> mayRetryElsewhere(wrapped.getCause());
            case null, default -> false;
        };
    }
}
