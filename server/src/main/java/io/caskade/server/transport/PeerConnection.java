package io.caskade.server.transport;

import io.caskade.server.cluster.NodeIncarnation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The streams to another node, at most one per traffic class, all to the same incarnation. Thread-safe.
final class PeerConnection {

    private static final Logger LOG = LoggerFactory.getLogger(PeerConnection.class);

    private final String node;
    private final MessageReceiver receiver;
    private final Supplier<Pacing> pacing;
    private final RecurringMessages recurring = new RecurringMessages();
    private final LogOnce logOnce = new LogOnce();

    /// Copy-on-write: replaced under this lock, read without.
    private volatile Map<TrafficClass, PeerStream> streams = Map.of();

    private volatile @Nullable NodeIncarnation incarnation;

    PeerConnection(String node, MessageReceiver receiver, Supplier<Pacing> pacing) {
        this.pacing = pacing;
        this.node = node;
        this.receiver = receiver;
    }

    /// The incarnation of the streams; null when there are none.
    @Nullable
    NodeIncarnation incarnation() {
        return incarnation;
    }

    /// Whether both traffic classes have a stream.
    boolean isConnected() {
        return streams.size() == TrafficClass.values().length;
    }

    /// Sends a message, or drops it without a stream.
    void send(SendQueue.Envelope envelope) {
        PeerStream stream = streams.get(TrafficClass.of(envelope.message()));
        if (stream == null) {
            return;
        }
        Pacing now = pacing.get();
        switch (recurring.urgencyOf(envelope.partition(), envelope.message(), now, System.nanoTime())) {
            case NOW -> stream.send(envelope);
            case SOON -> stream.sendSoon(envelope, now.grantDelayMillis());
            case NEVER -> {}
        }
    }

    /// The bytes queued in a traffic class.
    long queuedBytes(TrafficClass trafficClass) {
        PeerStream stream = streams.get(trafficClass);
        return stream == null ? 0 : stream.queuedBytes();
    }

    /// Attaches a stream, replacing its class's and all of an earlier incarnation.
    synchronized void attach(PeerStream stream, NodeIncarnation remote) {
        Map<TrafficClass, PeerStream> before = streams;
        boolean anotherProcess = !remote.equals(incarnation);
        Map<TrafficClass, PeerStream> after = new EnumMap<>(TrafficClass.class);
        if (!anotherProcess) {
            after.putAll(before);
        }
        after.put(stream.trafficClass(), stream);
        if (anotherProcess && !before.isEmpty()) {
            receiver.onDisconnected(node);
        }
        streams = after;
        recurring.clear();
        incarnation = remote;
        if (anotherProcess) {
            LOG.info("node {}: connected (incarnation {})", node, remote.incarnation());
            logOnce.clear();
            if (stream.notice() != null) {
                LOG.warn("node {}: {}", node, stream.notice());
            }
        }
        List<PeerStream> replaced = new ArrayList<>(before.values());
        replaced.removeAll(after.values());
        close(replaced, "replaced by another connection");
    }

    /// Detaches an ended stream.
    synchronized void detach(PeerStream stream, PeerStream.End end) {
        if (streams.get(stream.trafficClass()) != stream) {
            return;
        }
        Map<TrafficClass, PeerStream> after = new EnumMap<>(streams);
        after.remove(stream.trafficClass());
        streams = after;
        if (after.isEmpty()) {
            incarnation = null;
            if (end.kind() == PeerStream.End.Kind.CLOSED) {
                LOG.info("node {}: disconnected: {}", node, end.why());
            } else {
                LOG.warn("node {}: connection lost: {}", node, end.why());
            }
            receiver.onDisconnected(node);
        } else if (end.kind() == PeerStream.End.Kind.SILENT) {
            after.values().forEach(other -> other.abort(end));
        }
    }

    /// Ends all streams.
    void close(String why) {
        close(streams.values(), why);
    }

    private static void close(Collection<PeerStream> streams, String why) {
        streams.forEach(stream -> stream.abort(new PeerStream.End(PeerStream.End.Kind.CLOSED, why)));
    }

    /// Logs that the node is unreachable, once per reason since it was last reached.
    void warnOnce(String why) {
        if (logOnce.shouldLog(why)) {
            LOG.warn("node {}: unreachable: {}", node, why);
        }
    }
}
