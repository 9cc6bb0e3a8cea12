package io.caskade.server.listener.http;

import io.caskade.api.CausalContext;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.ReplicaRead;
import org.jspecify.annotations.Nullable;

/// How current a read must be; the parameter `read`.
enum ReadConsistency {
    LINEARIZABLE,
    CAUSAL,
    EVENTUAL;

    /// @param text the parameter's value; null when it is missing
    /// @throws HttpFailure when it is none of these
    static ReadConsistency parse(@Nullable String text) {
        return switch (text) {
            case null -> LINEARIZABLE;
            case "linearizable" -> LINEARIZABLE;
            case "causal" -> CAUSAL;
            case "eventual" -> EVENTUAL;
            default -> throw HttpFailure.invalid("the parameter read is linearizable, causal or eventual");
        };
    }

    /// What the replica that answers must have applied; null when only the leader may answer.
    ///
    /// @param partition the partition of the key
    /// @param seen what the client has seen
    @Nullable
    ReplicaRead demand(int partition, CausalContext seen) {
        return switch (this) {
            case LINEARIZABLE -> null;
            case CAUSAL ->
                ReplicaRead.causal(
                        seen.position(partition)
                                .map(position -> new CommandHandler.Position(
                                        partition, position.getEpoch(), position.getSequence()))
                                .orElse(null),
                        ReplicaRead.MAX_WAIT_MILLIS);
            case EVENTUAL -> ReplicaRead.EVENTUAL;
        };
    }
}
