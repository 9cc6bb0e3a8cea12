package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;

/// An input of a replica.
public sealed interface Event {

    /// The partition's state as it was read, or as the coordinator announced it.
    record StateObserved(Versioned<PartitionState> state) implements Event {}

    /// The replica's own compare-and-set has taken effect.
    record CasWon(Versioned<PartitionState> state) implements Event {}

    /// The replica's own compare-and-set has not taken effect and never will: this is stored.
    record CasLost(Versioned<PartitionState> state) implements Event {}

    /// The replica's own compare-and-set has not been sent, or was refused, and will never take effect; what is
    /// stored is not known.
    record CasNotDone() implements Event {}

    /// The outcome of the replica's own compare-and-set is not known.
    record CasUnknown() implements Event {}

    /// A client wants these records written.
    record Proposed(Proposal proposal) implements Event {}

    /// A client's answer rests on everything up to a sequence being committed.
    ///
    /// @param token what the outcome is reported under, as a proposal's
    /// @param sequence 0 when it rests on the copy's right to answer alone
    /// @param time the time that the log's must have reached; 0 when it does not rest on the time
    record ReadBarrierRequested(long token, long sequence, long time) implements Event {}

    /// A client wants to read here, whichever node leads, once the copy has come as far as the client's
    /// context.
    ///
    /// @param token what the outcome is reported under, as a proposal's
    /// @param epoch what the context was told together with the sequence: the epoch of the record there, or the
    ///     one whose leader told it
    /// @param sequence up to where all must be visible; 0 when any committed state will do
    /// @param timeoutMillis after so long it is refused
    record FollowerReadRequested(long token, int epoch, long sequence, long timeoutMillis) implements Event {}

    /// The event-loop turn has ended: what was proposed in it may be appended.
    record TurnEnded() implements Event {}

    /// The group the replica asked to have appended is in the log.
    record Appended() implements Event {}

    /// There was no room for the group; the log is as it was.
    record AppendRejected() implements Event {}

    /// A sync the replica asked for has ended.
    ///
    /// @param durableEnd the last sequence that survives a power failure now
    record Synced(long durableEnd) implements Event {}

    /// The disk failed, or the copy's bytes are not what was written: it can no longer be trusted with
    /// anything.
    record DiskFailed(String reason) implements Event {}

    /// The node is going down: finish what is under way, take nothing new.
    record StopRequested() implements Event {}

    /// Another node's copy has said something.
    ///
    /// @param sender the process that said it
    record Received(NodeIncarnation sender, Message message) implements Event {}

    /// A node cannot be reached any more, as far as its broken connections tell.
    record PeerDisconnected(String node) implements Event {}

    /// The log was cut as asked.
    record Truncated() implements Event {}

    /// The leader's records that the replica asked to have appended are in the log.
    record ReplicatedAppended() implements Event {}

    /// An append was read and sent, up to a sequence.
    record RecordsSent(String node, long streamId, long lastSequence) implements Event {}

    /// The copy has been set aside, as asked; this is another one, with nothing in it.
    record Rebuilt(CopyId copy) implements Event {}

    /// The copy's bytes are not what was written. The disk itself may be sound.
    record CopyDamaged(String reason) implements Event {}

    /// Time has passed.
    record Ticked() implements Event {}
}
