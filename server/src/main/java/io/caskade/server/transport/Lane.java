package io.caskade.server.transport;

import io.caskade.server.replica.Message;

/// The two ways to another node, each a connection of its own, so that beacons never wait behind logs.
enum Lane {
    /// Logs and what belongs to them. What is left out of it leaves a gap, so what comes last is left out when too much
    /// waits: a copy then asks again from where it is.
    LOGS(Outbox.WhenFull.LEAVE_OUT_THE_NEWEST, 64 << 20, 256 << 10),

    /// Who leads and who hears it: small, and the newer the better, so what has waited longest is left out.
    BEACONS(Outbox.WhenFull.LEAVE_OUT_THE_OLDEST, 1 << 20, 64 << 10);

    private final Outbox.WhenFull whenFull;
    private final int mostWaitingBytes;
    private final int frameBytes;

    Lane(Outbox.WhenFull whenFull, int mostWaitingBytes, int frameBytes) {
        this.whenFull = whenFull;
        this.mostWaitingBytes = mostWaitingBytes;
        this.frameBytes = frameBytes;
    }

    /// The lane a message takes.
    static Lane of(Message message) {
        return switch (message) {
            case Message.Open _, Message.Opened _, Message.Chunk _, Message.Ack _, Message.Closed _ -> LOGS;
            case Message.Beacon _,
                    Message.BeaconAnswer _,
                    Message.Superseded _,
                    Message.Inquiry _,
                    Message.Standing _ -> BEACONS;
        };
    }

    /// How many bytes are gathered into one frame before another is begun.
    int frameBytes() {
        return frameBytes;
    }

    /// Where messages wait for one stream.
    Outbox outbox() {
        return new Outbox(mostWaitingBytes, whenFull);
    }
}
