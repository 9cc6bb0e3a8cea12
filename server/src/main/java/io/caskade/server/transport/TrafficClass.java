package io.caskade.server.transport;

import io.caskade.server.replica.Message;

/// The two connections to another node, so that heartbeats never queue behind logs.
enum TrafficClass {
    /// Logs and what belongs to them. What is left out of it leaves a gap, so what comes last is left out when
    /// too much waits: a copy then asks again from where it is.
    LOGS(SendQueue.OverflowPolicy.DROP_NEWEST, 64 << 20, 256 << 10),

    /// Who leads and who hears it: small, and the newer the better, so what has waited longest is left out.
    HEARTBEATS(SendQueue.OverflowPolicy.DROP_OLDEST, 1 << 20, 64 << 10);

    private final SendQueue.OverflowPolicy overflowPolicy;
    private final int maxQueuedBytes;
    private final int frameBytes;

    TrafficClass(SendQueue.OverflowPolicy overflowPolicy, int maxQueuedBytes, int frameBytes) {
        this.overflowPolicy = overflowPolicy;
        this.maxQueuedBytes = maxQueuedBytes;
        this.frameBytes = frameBytes;
    }

    /// The traffic class a message takes.
    static TrafficClass of(Message message) {
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

    /// How many bytes are gathered into one frame before another is begun.
    int frameBytes() {
        return frameBytes;
    }

    /// Where messages wait for one stream.
    SendQueue newQueue() {
        return new SendQueue(maxQueuedBytes, overflowPolicy);
    }
}
