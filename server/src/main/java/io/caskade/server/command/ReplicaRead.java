package io.caskade.server.command;

import io.caskade.server.command.CommandHandler.Position;
import org.jspecify.annotations.Nullable;

/// A read that any replica of a partition may answer, by what it has applied. Expired records may still show
/// for a moment: only a leader can tell the log that time has passed.
///
/// @param epoch the epoch of the position that the replica must have applied; 0 when any committed state will
///     do
/// @param sequence the sequence of that position; 0 when any committed state will do
/// @param maxWaitMillis how long a replica that is behind may wait; it never waits longer than
///     [#MAX_WAIT_MILLIS]
public record ReplicaRead(int epoch, long sequence, long maxWaitMillis) {

    /// The longest time that a read may wait for a replica: its client has others to ask.
    public static final long MAX_WAIT_MILLIS = 2_000;

    /// A read that is answered at once.
    public static final ReplicaRead EVENTUAL = new ReplicaRead(0, 0, 0);

    /// Bounds the wait.
    public ReplicaRead {
        maxWaitMillis = Math.clamp(maxWaitMillis, 0, MAX_WAIT_MILLIS);
    }

    /// A read that must not fall behind what its client has seen of the partition.
    ///
    /// @param seen the partition's position in the client's causal context; null when it has none
    public static ReplicaRead causal(@Nullable Position seen, long maxWaitMillis) {
        return seen == null
                ? new ReplicaRead(0, 0, maxWaitMillis)
                : new ReplicaRead(seen.epoch(), seen.sequence(), maxWaitMillis);
    }
}
