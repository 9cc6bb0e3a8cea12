package io.caskade.server.replica;

import io.caskade.bitcask.record.EpochHistory;
import io.caskade.server.cluster.CopyId;

/// A message between the replicas of one partition. Any message may be late, lost, duplicated or reordered:
/// each names its epoch, and those of a stream the stream.
///
/// | message | from | to | meaning |
/// |---|---|---|---|
/// | Heartbeat | leader | every replica | the sender leads and asks for a lease grant |
/// | LeaseGrant | follower | leader | the sender supports no other leader for a time that it names; whether its
/// disk has room |
/// | StaleEpoch | any | any | the receiver's epoch is stale |
/// | StreamOpen | follower | leader | asks for the log; lists what the follower has |
/// | StreamOpened | leader | follower | where the two logs diverge |
/// | AppendRecords | leader | follower | batches, and the high watermark |
/// | AppendAck | follower | leader | what was received and what is durable; whether the disk is full or the
/// node is shutting down |
/// | StreamClosed | leader | follower | that stream is not open |
/// | PreVoteRequest | follower without a leader | every replica | asks whether the receiver hears the leader |
/// | PreVoteResponse | any | the follower that asked | whether the sender does, and how long its log is |
public sealed interface Message {

    /// The sender's epoch.
    int epoch();

    /// The sender leads in this epoch and asks for a lease grant.
    ///
    /// @param sentAt by the sender's clocks; returned in the [LeaseGrant]
    /// @param damaged whether the sender knows of damage in its copy
    record Heartbeat(int epoch, ClockReading sentAt, long logEnd, long highWatermark, boolean damaged)
            implements Message {}

    /// The sender supports no other leader for a while.
    ///
    /// @param sentAt when the heartbeat was sent, by the leader's clocks
    /// @param durationMillis how long that is, from when the heartbeat arrived, by the sender's own settings
    /// @param lowOnSpace whether its disk lacks the room that a leader needs
    record LeaseGrant(int epoch, CopyId copy, ClockReading sentAt, long durationMillis, boolean lowOnSpace)
            implements Message {}

    /// The receiver's epoch is stale.
    record StaleEpoch(int epoch) implements Message {}

    /// Opens a stream of the leader's log.
    ///
    /// @param streamId new with every attempt of the process
    record StreamOpen(int epoch, long streamId, CopyId copy, EpochHistory epochs, long logEnd) implements Message {}

    /// The stream is open.
    ///
    /// @param divergencePoint the last record both logs have
    /// @param epochs the leader's complete epoch history
    /// @param rebuild whether the follower must start empty: tombstones it has not seen may have been purged
    record StreamOpened(int epoch, long streamId, long divergencePoint, EpochHistory epochs, boolean rebuild)
            implements Message {}

    /// The batches of the span `(previousSequence, lastSequence]`, in which merging may have left gaps.
    ///
    /// @param purgeHorizon the purge horizon, adopted before the batches are stored
    /// @param completeAt the sequence a log with these batches must reach before it holds every key
    /// @param logTime the newest time in a MARK that merging has left out of the span, Unix milliseconds; 0
    ///     when none is missing
    record AppendRecords(
            int epoch,
            long streamId,
            long previousSequence,
            long lastSequence,
            long highWatermark,
            long purgeHorizon,
            long completeAt,
            long logTime,
            Batches batches)
            implements Message {}

    /// Where the follower's log ends, and how much of it is acknowledged; both at the ends of batches.
    ///
    /// @param diskFull whether the disk was full at the last append
    /// @param stopping whether its node is shutting down: it waits to be removed from the ISR
    /// @param damaged whether it knows of damage in its copy
    record AppendAck(
            int epoch,
            long streamId,
            long receivedEnd,
            long acknowledgedEnd,
            boolean diskFull,
            boolean stopping,
            boolean damaged)
            implements Message {

        /// An acknowledgement with nothing to report.
        public AppendAck(int epoch, long streamId, long receivedEnd, long acknowledgedEnd) {
            this(epoch, streamId, receivedEnd, acknowledgedEnd, false, false, false);
        }
    }

    /// The sender does not serve this stream (any more); the follower opens another.
    record StreamClosed(int epoch, long streamId) implements Message {}

    /// Asks whether the receiver hears the leader of this epoch.
    record PreVoteRequest(int epoch, long round) implements Message {}

    /// Whether the sender hears a leader, and how long its log is.
    record PreVoteResponse(int epoch, long round, CopyId copy, boolean hearsLeader, int lastEpoch, long logEnd)
            implements Message {}
}
