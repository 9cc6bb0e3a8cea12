package io.caskade.server.transport;

import io.caskade.api.v1.ReplicationGrpc;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.Endpoint;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.loop.EventLoops;
import io.caskade.server.loop.Sockets;
import io.caskade.server.replica.Message;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node's connections with all other nodes: two with each, one per [TrafficClass], dialed by the node
/// whose id comes first.
///
/// It dials the nodes that are registered or have replicas in the newest image, and closes its connections with
/// all others. It dials a broken connection again, independently of ZooKeeper.
///
/// The observer's methods run on the coordinator's thread; the rest is thread-safe.
public final class Transport implements Messenger, Coordinator.Observer {

    private static final Logger LOG = LoggerFactory.getLogger(Transport.class);

    /// The maximum message size: a batch with the largest value that any configuration allows, plus overhead.
    /// Longer messages are dropped.
    public static final int MAX_MESSAGE_BYTES = 80 << 20;

    /// The maximum frame size: the largest message, or several small ones.
    static final int MAX_FRAME_BYTES = MAX_MESSAGE_BYTES + (1 << 20);

    /// The flow-control window: bytes sent and not yet read by the other process.
    static final int WINDOW_BYTES = 4 << 20;

    /// The keepalive interval and timeout: finds broken connections that [PeerStream] does not. gRPC's minimum
    /// for clients.
    static final int KEEP_ALIVE_SECONDS = 10;

    private static final MessageReceiver DISCARD = new MessageReceiver() {
        @Override
        public void onMessage(NodeIncarnation sender, int partition, Message message) {}

        @Override
        public void onDisconnected(String node) {}
    };

    private final NodeIncarnation incarnation;
    private final EventLoops loops;
    private final ExecutorService resolver = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("resolver-", 0).factory());
    private final Dialer.Dependencies dependencies;
    private final Map<String, PeerConnection> peers = new ConcurrentHashMap<>();
    private final Server server;

    // The dialed nodes with their last registered incarnation; guarded by this.
    private final Map<String, List<Dialer>> dialers = new HashMap<>();
    private final Map<String, NodeInfo> targets = new HashMap<>();
    private volatile boolean closed;
    private volatile Pacing pacing = Pacing.NONE;

    private volatile MessageReceiver delegate = DISCARD;
    private final MessageReceiver receiver = new MessageReceiver() {
        @Override
        public void onMessage(NodeIncarnation sender, int partition, Message message) {
            delegate.onMessage(sender, partition, message);
        }

        @Override
        public void onDisconnected(String node) {
            delegate.onDisconnected(node);
        }
    };

    private Transport(
            InetSocketAddress address, String clusterId, NodeIncarnation incarnation, Timing timing, EventLoops loops) {
        this.incarnation = incarnation;
        this.loops = loops;
        Handshake handshake = new Handshake(clusterId, incarnation, timing);
        this.dependencies = new Dialer.Dependencies(handshake, receiver, resolver);
        ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(ReplicationGrpc.SERVICE_NAME);
        for (TrafficClass trafficClass : TrafficClass.values()) {
            service.addMethod(
                    ReplicationMethods.of(trafficClass),
                    new Acceptor(trafficClass, handshake, receiver, this::getOrCreatePeer, loops::current));
        }
        this.server = NettyServerBuilder.forAddress(address)
                .channelType(Sockets.BEST.server())
                .bossEventLoopGroup(loops.group())
                .workerEventLoopGroup(loops.group())
                .directExecutor()
                .maxInboundMessageSize(MAX_FRAME_BYTES)
                .flowControlWindow(WINDOW_BYTES)
                .maxConcurrentCallsPerConnection(1)
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveTime(KEEP_ALIVE_SECONDS / 2, TimeUnit.SECONDS)
                .addService(service.build())
                .build();
    }

    /// Listens at an address and answers nodes that dial; port 0 picks a free port.
    ///
    /// @param clusterId refuses nodes of other clusters
    /// @param incarnation this node's incarnation
    /// @param timing its times; refuses nodes whose times are too far from them
    /// @param loops the event loops of all connections; they must outlive this
    /// @throws IOException when the address cannot be bound
    public static Transport open(
            InetSocketAddress address, String clusterId, NodeIncarnation incarnation, Timing timing, EventLoops loops)
            throws IOException {
        Transport transport = new Transport(address, clusterId, incarnation, timing, loops);
        boolean started = false;
        try {
            transport.server.start();
            started = true;
        } finally {
            if (!started) {
                transport.resolver.shutdown();
            }
        }
        return transport;
    }

    /// The port it listens on.
    public int port() {
        return server.getPort();
    }

    /// Delivers messages to this receiver from now on. Earlier ones were dropped.
    public void deliverTo(MessageReceiver copies) {
        delegate = copies;
    }

    /// Spares recurring messages from now on.
    public void pace(Pacing recurring) {
        pacing = recurring;
    }

    @Override
    public void send(String node, int partition, Message message) {
        PeerConnection connection = peers.get(node);
        if (connection == null || closed) {
            return;
        }
        SendQueue.Envelope envelope = new SendQueue.Envelope(partition, message);
        if (envelope.bytes() > MAX_MESSAGE_BYTES) {
            LOG.error(
                    "partition {}: dropping {}-byte message to {}: exceeds the limit of {}",
                    partition,
                    envelope.bytes(),
                    node,
                    MAX_MESSAGE_BYTES);
            return;
        }
        connection.send(envelope);
    }

    /// Whether a node is connected; may change at any moment.
    public boolean isConnectedTo(String node) {
        PeerConnection connection = peers.get(node);
        return connection != null && connection.isConnected();
    }

    @Override
    public synchronized void imageChanged(ClusterImage image) {
        if (closed) {
            return;
        }
        Set<String> wanted = new HashSet<>(image.nodes().keySet());
        image.partitions().values().forEach(state -> wanted.addAll(state.value().replicas()));
        wanted.removeIf(node -> node.compareTo(incarnation.node()) <= 0);
        dialers.keySet().stream()
                .filter(node -> !wanted.contains(node))
                .toList()
                .forEach(this::stopDialing);
        wanted.forEach(node -> image.node(node).ifPresent(this::setTarget));
    }

    /// Closes all connections at once.
    public void close() throws InterruptedException {
        closeAll();
        server.shutdownNow();
        server.awaitTermination(1, TimeUnit.SECONDS);
        resolver.shutdown();
    }

    /// The bytes queued for a node in a traffic class.
    long queuedBytes(String node, TrafficClass trafficClass) {
        return getOrCreatePeer(node).queuedBytes(trafficClass);
    }

    private synchronized void closeAll() {
        closed = true;
        peers.values().forEach(connection -> connection.close("this node is shutting down"));
        dialers.values().forEach(each -> each.forEach(Dialer::stop));
    }

    /// Dials again only if the incarnation or the address has changed.
    private void setTarget(NodeInfo node) {
        Endpoint endpoint = node.replication();
        NodeInfo before = targets.put(node.id(), node);
        boolean same = before != null
                && before.incarnation().equals(node.incarnation())
                && endpoint != null
                && endpoint.equals(before.replication());
        if (endpoint == null || same) {
            return;
        }
        dialers.computeIfAbsent(node.id(), this::createDialers)
                .forEach(dialer -> dialer.setTarget(endpoint, node.incarnation()));
    }

    private List<Dialer> createDialers(String node) {
        return java.util.stream.Stream.of(TrafficClass.values())
                .map(trafficClass -> new Dialer(
                        trafficClass, node, getOrCreatePeer(node), loops.group().next(), dependencies))
                .toList();
    }

    private void stopDialing(String node) {
        targets.remove(node);
        List<Dialer> gone = dialers.remove(node);
        if (gone != null) {
            gone.forEach(Dialer::stop);
        }
    }

    private PeerConnection getOrCreatePeer(String node) {
        return peers.computeIfAbsent(node, id -> new PeerConnection(id, receiver, () -> pacing));
    }
}
