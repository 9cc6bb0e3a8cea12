package io.caskade.server.listener.redis.command;

import io.caskade.server.cluster.CoordinationException;
import io.caskade.server.command.CommandRefusedException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Words the store's refusals as Redis's errors, whose first word tells clients what to do.
public final class Refusals {

    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    private static final String UNKNOWN = "ERR outcome unknown: the write may have been applied, or may still be; ";

    private Refusals() {}

    /// The reply that a failure is.
    ///
    /// @param write whether the command may have changed something
    public static Reply reply(Throwable failure, boolean write) {
        return switch (failure) {
            case RedisError known -> Reply.error(known.text());
            case CommandRefusedException refused -> Reply.error(text(refused, write));
            case CoordinationException unheard -> Reply.error("CLUSTERDOWN " + unheard.getMessage());
            case TimeoutException _ -> timedOut(write);
            case CompletionException wrapped when wrapped.getCause() != null -> reply(wrapped.getCause(), write);
            default -> {
                LOG.error("a command failed", failure);
                yield Reply.error((write ? UNKNOWN : "ERR ") + "internal error; see the node's log");
            }
        };
    }

    /// The reply of an `EXEC` that has executed nothing, or may have. As in Redis, what a retry will not help
    /// with, or not soon, is an `EXECABORT`.
    ///
    /// @param write whether it may have changed something
    static Reply ofTransaction(Throwable failure, boolean write) {
        return switch (failure) {
            case CompletionException wrapped
            when wrapped.getCause() != null -> ofTransaction(wrapped.getCause(), write);
            case CommandRefusedException refused ->
                switch (refused.reason()) {
                    case INVALID_ARGUMENT, WRONG_VALUE, OVERFLOW, NOT_ENOUGH_REPLICAS, DISK_FULL, KEYDIR_FULL ->
                        aborted(text(refused, write));
                    case NOT_LEADER, NOT_SERVING, BUSY, BEHIND_CONTEXT, CONTEXT_LOST, OUTCOME_UNKNOWN, COPY_FENCED ->
                        reply(refused, write);
                };
            default -> reply(failure, write);
        };
    }

    /// The reply of an `EXEC` that was refused.
    static Reply aborted(String reason) {
        return Reply.error("EXECABORT Transaction discarded because of: " + reason);
    }

    /// The reply to a command that took longer than it may.
    ///
    /// @param write whether it may have changed something
    public static Reply timedOut(boolean write) {
        return Reply.error(
                write
                        ? UNKNOWN + "the partition did not answer in time"
                        : "TRYAGAIN the partition did not answer in time; nothing was done");
    }

    private static String text(CommandRefusedException refused, boolean write) {
        String message = String.valueOf(refused.getMessage());
        return switch (refused.reason()) {
            case INVALID_ARGUMENT, WRONG_VALUE, OVERFLOW -> "ERR " + message;
            case NOT_LEADER, NOT_SERVING -> "CLUSTERDOWN " + message;
            case NOT_ENOUGH_REPLICAS -> "NOREPLICAS " + message;
            case BUSY, BEHIND_CONTEXT, CONTEXT_LOST -> "TRYAGAIN " + message;
            case DISK_FULL -> "MISCONF " + message;
            case KEYDIR_FULL -> "OOM " + message;
            case OUTCOME_UNKNOWN -> UNKNOWN + message;
            case COPY_FENCED -> write ? UNKNOWN + message : "CLUSTERDOWN " + message;
        };
    }
}
