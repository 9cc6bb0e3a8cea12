package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;

/// An input of a replica.
public sealed interface Event {

    /// The partition's state, as read or as announced by the coordinator.
    record StateObserved(Versioned<PartitionState> state) implements Event {}

    /// The replica's own compare-and-set succeeded.
    record CasWon(Versioned<PartitionState> state) implements Event {}

    /// The replica's own compare-and-set failed: this state is stored instead.
    record CasLost(Versioned<PartitionState> state) implements Event {}

    /// The replica's own compare-and-set has not been sent, or was refused, and will never take effect; what is
    /// stored is not known.
    record CasNotDone() implements Event {}

    /// The outcome of the replica's own compare-and-set is not known.
    record CasUnknown() implements Event {}

    /// A client's write.
    record Proposed(Proposal proposal) implements Event {}

    /// A client's answer that is valid once everything up to a sequence is committed.
    ///
    /// @param token identifies the outcome, as a proposal's
    /// @param sequence 0 when it depends only on the lease
    /// @param time the log time to wait for; 0 when the answer does not depend on the time
    record ReadBarrierRequested(long token, long sequence, long time) implements Event {}

    /// A client reads here, whether this copy leads or not, once the copy has caught up with the client's
    /// context.
    ///
    /// @param token identifies the outcome, as a proposal's
    /// @param epoch the context's epoch: that of the record at the sequence, or that of the leader which
    ///     reported it
    /// @param sequence the sequence that must be visible; 0 when any committed state will do
    /// @param timeoutMillis after this long the read is refused
    record FollowerReadRequested(long token, int epoch, long sequence, long timeoutMillis) implements Event {}

    /// The event-loop turn has ended: its proposals may be appended.
    record TurnEnded() implements Event {}

    /// The group from [Effects#append] is in the log.
    record Appended() implements Event {}

    /// The disk was full; the log is unchanged.
    record AppendRejected() implements Event {}

    /// The disk has more or less room than before.
    record DiskSpaceChanged(DiskSpace space) implements Event {}

    /// A sync has completed.
    ///
    /// @param durableEnd the last sequence that survives a power failure
    record Synced(long durableEnd) implements Event {}

    /// The disk failed, or the log's bytes are not what was written: the copy can no longer be trusted.
    record DiskFailed(String reason) implements Event {}

    /// The node is shutting down: finish what is in flight, accept nothing new.
    record StopRequested() implements Event {}

    /// A message from another replica.
    ///
    /// @param sender the process that sent it
    record Received(NodeIncarnation sender, Message message) implements Event {}

    /// The time that [Effects#wakeAfterMillis] named has passed. Time alone changes what may be done: a tick
    /// would do as well, up to a tick later.
    record Woken() implements Event {}

    /// All connections to a node broke.
    record PeerDisconnected(String node) implements Event {}

    /// The log was truncated as asked.
    record Truncated() implements Event {}

    /// The batches from [Effects#appendReplicated] are in the log.
    record ReplicatedAppended() implements Event {}

    /// Records up to a sequence were read and sent.
    ///
    /// @param bytes the length of their batches
    record RecordsSent(String node, long streamId, long lastSequence, long bytes) implements Event {}

    /// The copy was set aside as asked; `copy` is the identity of the empty one in its place.
    record Rebuilt(CopyId copy) implements Event {}

    /// The copy's bytes are not what was written, though the disk itself may be sound.
    record CopyDamaged(String reason) implements Event {}

    /// Time has passed.
    record Ticked() implements Event {}
}
