package io.caskade.server.transport;

import io.caskade.server.replica.Message;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Decides which of the messages that recur with every heartbeat are sent at once, later or not at all, for
/// the streams to one node. Thread-safe.
///
/// The protocol allows for messages that are lost. An acknowledgement is repeated for that case alone, and
/// more seldom than heartbeats come. The first grants of an epoch are sent at once, because a new leader waits
/// for them.
final class RecurringMessages {

    /// When to send a message.
    enum Urgency {
        NOW,
        /// With the next message of its stream, or after [Pacing#grantDelayMillis].
        SOON,
        NEVER
    }

    private record Sent(Message message, long atNanos) {}

    // Both by partition; guarded by this.
    private final Map<Integer, Sent> acks = new HashMap<>();
    private final Map<Integer, Sent> grants = new HashMap<>();

    /// Decides about a message, and remembers it as sent.
    synchronized Urgency urgencyOf(int partition, Message message, Pacing pacing, long nowNanos) {
        return switch (message) {
            case Message.AppendAck ack -> urgencyOf(partition, ack, pacing.ackRepeatMillis(), nowNanos);
            case Message.LeaseGrant grant -> urgencyOf(partition, grant, pacing.grantDelayMillis(), nowNanos);
            case Message.Heartbeat _,
                    Message.StaleEpoch _,
                    Message.StreamOpen _,
                    Message.StreamOpened _,
                    Message.StreamClosed _,
                    Message.AppendRecords _,
                    Message.PreVoteRequest _,
                    Message.PreVoteResponse _ -> Urgency.NOW;
        };
    }

    private Urgency urgencyOf(int partition, Message.AppendAck ack, long repeatMillis, long nowNanos) {
        Sent last = acks.get(partition);
        if (last != null && last.message().equals(ack) && millisSince(last, nowNanos) < repeatMillis) {
            return Urgency.NEVER;
        }
        acks.put(partition, new Sent(ack, nowNanos));
        return Urgency.NOW;
    }

    private Urgency urgencyOf(int partition, Message.LeaseGrant grant, long delayMillis, long nowNanos) {
        Sent last = grants.put(partition, new Sent(grant, nowNanos));
        boolean routine = last != null
                && last.message().epoch() == grant.epoch()
                && millisSince(last, nowNanos) <= 2 * delayMillis;
        return routine && delayMillis > 0 ? Urgency.SOON : Urgency.NOW;
    }

    private static long millisSince(Sent sent, long nowNanos) {
        return TimeUnit.NANOSECONDS.toMillis(nowNanos - sent.atNanos());
    }

    /// Forgets what was sent: a new stream begins.
    synchronized void clear() {
        acks.clear();
        grants.clear();
    }
}
