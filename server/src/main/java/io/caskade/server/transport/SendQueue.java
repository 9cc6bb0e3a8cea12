package io.caskade.server.transport;

import io.caskade.server.replica.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Messages waiting to be sent on one stream, bounded in bytes. Thread-safe, with a single consumer.
final class SendQueue {

    /// Approximate overhead of a message, on top of its batches and epoch history.
    private static final int MESSAGE_BYTES = 128;

    private static final int EPOCH_BYTES = 16;

    /// Which messages are dropped when the queue is full.
    enum OverflowPolicy {
        DROP_OLDEST,
        DROP_NEWEST
    }

    /// A message to send.
    record Envelope(int partition, Message message, long bytes) {
        Envelope(int partition, Message message) {
            this(partition, message, MESSAGE_BYTES + contentBytes(message));
        }

        private static long contentBytes(Message message) {
            return switch (message) {
                case Message.AppendRecords append -> append.batches().bytes();
                case Message.StreamOpen open ->
                    (long) EPOCH_BYTES * open.epochs().starts().size();
                case Message.StreamOpened opened ->
                    (long) EPOCH_BYTES * opened.epochs().starts().size();
                case Message.AppendAck _,
                        Message.Heartbeat _,
                        Message.LeaseGrant _,
                        Message.StreamClosed _,
                        Message.PreVoteRequest _,
                        Message.PreVoteResponse _,
                        Message.StaleEpoch _ -> 0;
            };
        }
    }

    private final long maxBytes;
    private final OverflowPolicy overflowPolicy;

    // All below is guarded by this.
    private final Deque<Envelope> envelopes = new ArrayDeque<>();
    private long bytes;
    private boolean awaited = true;

    SendQueue(long maxBytes, OverflowPolicy overflowPolicy) {
        this.maxBytes = maxBytes;
        this.overflowPolicy = overflowPolicy;
    }

    /// Adds an envelope. An empty queue accepts any size.
    ///
    /// @return whether the consumer must be woken
    synchronized boolean put(Envelope envelope) {
        add(envelope);
        boolean wake = awaited;
        awaited = false;
        return wake;
    }

    /// Adds an envelope that need not wake the consumer.
    synchronized void putQuietly(Envelope envelope) {
        add(envelope);
    }

    private void add(Envelope envelope) {
        while (overflowPolicy == OverflowPolicy.DROP_OLDEST
                && !envelopes.isEmpty()
                && bytes + envelope.bytes() > maxBytes) {
            bytes -= envelopes.removeFirst().bytes();
        }
        if (envelopes.isEmpty() || bytes + envelope.bytes() <= maxBytes) {
            envelopes.addLast(envelope);
            bytes += envelope.bytes();
        }
    }

    /// Removes the oldest envelopes, up to a number of bytes but at least one. A consumer that finds none is
    /// woken by the next envelope.
    synchronized List<Envelope> take(long atMostBytes) {
        if (envelopes.isEmpty()) {
            awaited = true;
            return List.of();
        }
        List<Envelope> taken = new ArrayList<>();
        long takenBytes = 0;
        do {
            Envelope envelope = envelopes.removeFirst();
            taken.add(envelope);
            takenBytes += envelope.bytes();
        } while (!envelopes.isEmpty() && takenBytes + envelopes.getFirst().bytes() <= atMostBytes);
        bytes -= takenBytes;
        return taken;
    }

    /// The queued bytes.
    synchronized long bytes() {
        return bytes;
    }

    /// Drops everything.
    synchronized void clear() {
        envelopes.clear();
        bytes = 0;
    }
}
