package io.caskade.server.replica;

import io.caskade.bitcask.log.EpochHistory;
import io.caskade.server.cluster.InSyncCopy;

/// What the copies of one partition say to each other. Any message may be late, lost, doubled or overtaken:
/// each names the epoch it belongs to, and those of a stream the stream.
///
/// | message | from | to | says |
/// |---|---|---|---|
/// | Beacon | leader | every replica | I lead; answer me |
/// | BeaconAnswer | follower | leader | until my grace ends I let nobody else lead |
/// | Superseded | anyone | anyone | there is a later epoch |
/// | Open | follower | leader | send me your log; this is what I have |
/// | Opened | leader | follower | here our logs part |
/// | Chunk | leader | follower | batches, and how far all is committed |
/// | Ack | follower | leader | so much I have received, so much I hold; I have no room, or stop |
/// | Closed | leader | follower | I do not feed that stream |
/// | Inquiry | follower that hears nothing | every replica | do you hear the leader? |
/// | Standing | anyone | who inquires | whether, and how much I have |
public sealed interface Message {

    /// The epoch the sender is in.
    int epoch();

    /// I lead.
    ///
    /// @param sentAt the sender's, given back with the answer
    record Beacon(int epoch, Moment sentAt, long logEnd, long watermark) implements Message {}

    /// I have heard, and let nobody else lead until my grace ends.
    record BeaconAnswer(int epoch, InSyncCopy copy, Moment sentAt) implements Message {}

    /// You are behind: there is this epoch.
    record Superseded(int epoch) implements Message {}

    /// Send me your log.
    ///
    /// @param stream new with every attempt of one process
    record Open(int epoch, long stream, InSyncCopy copy, EpochHistory epochs, long logEnd) implements Message {}

    /// The log follows.
    ///
    /// @param parting the last record both logs have
    /// @param epochs the leader's, whole
    /// @param rebuild whether the follower must begin with nothing: removals it has not seen may be gone for
    ///     good
    record Opened(int epoch, long stream, long parting, EpochHistory epochs, boolean rebuild) implements Message {}

    /// The batches of the span `(from, to]`, in which merging may have left gaps.
    ///
    /// @param horizon the purge horizon, to be adopted before the batches are stored
    /// @param wholeFrom a log that was fed these batches has every key only when it reaches so far
    record Chunk(
            int epoch, long stream, long from, long to, long watermark, long horizon, long wholeFrom, Batches batches)
            implements Message {}

    /// Where the follower's log ends, and how much of it counts as kept; both at the ends of batches.
    ///
    /// @param full whether there was no room for what the leader sent last
    /// @param stopping whether its node stops: it waits for its leader to let it leave the in-sync set
    record Ack(int epoch, long stream, long received, long held, boolean full, boolean stopping) implements Message {

        /// Of a follower that goes on and has room, as far as it knows.
        public Ack(int epoch, long stream, long received, long held) {
            this(epoch, stream, received, held, false, false);
        }
    }

    /// I feed no such stream, or not any more: open another.
    record Closed(int epoch, long stream) implements Message {}

    /// Do you hear the leader of this epoch?
    record Inquiry(int epoch, long round) implements Message {}

    /// Whether the sender hears a leader, and what its copy has.
    record Standing(int epoch, long round, InSyncCopy copy, boolean hearsLeader, int lastEpoch, long logEnd)
            implements Message {}
}
