package io.caskade.server.replica;

import io.caskade.bitcask.record.EpochHistory;
import io.caskade.server.cluster.CopyId;

/// What the copies of one partition say to each other. Any message may be late, lost, doubled or overtaken:
/// each names the epoch it belongs to, and those of a stream the stream.
///
/// | message | from | to | says |
/// |---|---|---|---|
/// | Heartbeat | leader | every replica | I lead; grant me a lease |
/// | LeaseGrant | follower | leader | until my grace ends I help no other copy to lead |
/// | StaleEpoch | any | any | there is a later epoch |
/// | StreamOpen | follower | leader | send me your log; this is what I have |
/// | StreamOpened | leader | follower | here our logs diverge |
/// | AppendRecords | leader | follower | batches, and the high watermark |
/// | AppendAck | follower | leader | what I have received, what is durable; I have no room, or stop |
/// | StreamClosed | leader | follower | I do not serve that stream |
/// | PreVoteRequest | follower without a leader | every replica | do you hear the leader? |
/// | PreVoteResponse | any | the follower that asked | whether I do, and how long my log is |
public sealed interface Message {

    /// The epoch the sender is in.
    int epoch();

    /// I lead.
    ///
    /// @param sentAt the sender's, given back with the answer
    record Heartbeat(int epoch, ClockReading sentAt, long logEnd, long highWatermark) implements Message {}

    /// I have heard, and let no other lead until my grace ends.
    record LeaseGrant(int epoch, CopyId copy, ClockReading sentAt) implements Message {}

    /// You are behind: there is this epoch.
    record StaleEpoch(int epoch) implements Message {}

    /// Send me your log.
    ///
    /// @param streamId new with every attempt of one process
    record StreamOpen(int epoch, long streamId, CopyId copy, EpochHistory epochs, long logEnd) implements Message {}

    /// The log follows.
    ///
    /// @param divergencePoint the last record both logs have
    /// @param epochs the leader's, whole
    /// @param rebuild whether the follower must begin with nothing: tombstones it has not seen may be gone for
    ///     good
    record StreamOpened(int epoch, long streamId, long divergencePoint, EpochHistory epochs, boolean rebuild)
            implements Message {}

    /// The batches of the span `(previousSequence, lastSequence]`, in which merging may have left gaps.
    ///
    /// @param purgeHorizon the purge horizon, to be adopted before the batches are stored
    /// @param completeAt a log that was fed these batches has every key only when it reaches so far
    /// @param logTime the newest time in a MARK that merging has left out of the span, Unix milliseconds; 0 when
    ///     none is missing
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

    /// Where the follower's log ends, and how much of it counts as kept; both at the ends of batches.
    ///
    /// @param diskFull whether there was no room for what the leader sent last
    /// @param stopping whether its node stops: it waits for its leader to let it leave the in-sync set
    record AppendAck(
            int epoch, long streamId, long receivedEnd, long acknowledgedEnd, boolean diskFull, boolean stopping)
            implements Message {

        /// Of a follower that goes on and has room, as far as it knows.
        public AppendAck(int epoch, long streamId, long receivedEnd, long acknowledgedEnd) {
            this(epoch, streamId, receivedEnd, acknowledgedEnd, false, false);
        }
    }

    /// I feed no such stream, or not any more: open another.
    record StreamClosed(int epoch, long streamId) implements Message {}

    /// Do you hear the leader of this epoch?
    record PreVoteRequest(int epoch, long round) implements Message {}

    /// Whether the sender hears a leader, and what its copy has.
    record PreVoteResponse(int epoch, long round, CopyId copy, boolean hearsLeader, int lastEpoch, long logEnd)
            implements Message {}
}
