package io.caskade.server.transport;

import io.caskade.server.replica.Message;

/// The two connections to another node, so that heartbeats never queue behind logs.
public enum TrafficClass {
    /// Replication streams. A full queue drops the newest message, because any loss leaves a gap: the follower
    /// opens the stream again.
    LOGS(SendQueue.OverflowPolicy.DROP_NEWEST, 32 << 20, 256 << 10),

    /// Heartbeats, lease grants and pre-votes: small, and a newer one replaces an older one, so a full queue
    /// drops the oldest.
    HEARTBEATS(SendQueue.OverflowPolicy.DROP_OLDEST, 1 << 20, 64 << 10);

    private final SendQueue.OverflowPolicy overflowPolicy;
    private final int maxQueuedBytes;
    private final int frameBytes;

    TrafficClass(SendQueue.OverflowPolicy overflowPolicy, int maxQueuedBytes, int frameBytes) {
        this.overflowPolicy = overflowPolicy;
        this.maxQueuedBytes = maxQueuedBytes;
        this.frameBytes = frameBytes;
    }

    /// The traffic class of a message.
    public static TrafficClass of(Message message) {
        return switch (message) {
            case Message.StreamOpen _,
                    Message.StreamOpened _,
                    Message.AppendRecords _,
                    Message.AppendAck _,
                    Message.StreamClosed _ -> LOGS;
            case Message.Heartbeat _,
                    Message.LeaseGrant _,
                    Message.StaleEpoch _,
                    Message.PreVoteRequest _,
                    Message.PreVoteResponse _ -> HEARTBEATS;
        };
    }

    /// Maximum bytes per frame.
    int frameBytes() {
        return frameBytes;
    }

    /// Creates the queue of a stream.
    SendQueue newQueue() {
        return new SendQueue(maxQueuedBytes, overflowPolicy);
    }
}
