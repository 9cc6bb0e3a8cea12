package io.caskade.server.transport;

import io.caskade.api.v1.ReplicationGrpc;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.Endpoint;
import io.caskade.server.cluster.Leader;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.loop.EventLoops;
import io.caskade.server.replica.Message;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.socket.nio.NioServerSocketChannel;
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

/// This node's connections with all others: two with each, one a [Lane], dialled by the node whose id comes first.
///
/// It dials who is registered, or keeps copies, in the newest image; who is neither is let go. A connection that breaks
/// is dialled again for as long as that, whatever ZooKeeper does meanwhile.
///
/// The observer's methods are for the coordinator's delivery; the rest is for any thread.
public final class Transport implements Messenger, Coordinator.Observer {

    private static final Logger LOG = LoggerFactory.getLogger(Transport.class);

    /// The greatest message there may be: a batch with the greatest value any configuration allows, and room. Longer
    /// ones are not sent.
    public static final int MOST_MESSAGE_BYTES = 80 << 20;

    /// What fits a frame: the greatest message, or several small ones.
    static final int MOST_FRAME_BYTES = MOST_MESSAGE_BYTES + (1 << 20);

    /// How much of a connection may be on its way: sent, and not read by the other process.
    static final int WINDOW_BYTES = 4 << 20;

    /// After this long without a word a connection is asked whether it stands, and given as long to answer: it finds
    /// the broken ones that [Stream] does not. gRPC allows a client no less.
    static final int KEEP_ALIVE_SECONDS = 10;

    private static final Inbox NOBODY = new Inbox() {
        @Override
        public void received(Leader from, int partition, Message message) {}

        @Override
        public void lost(String node) {}
    };

    private final Leader self;
    private final EventLoops loops;
    private final ExecutorService resolver = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("resolver-", 0).factory());
    private final Dialler.Surroundings surroundings;
    private final Map<String, Peer> peers = new ConcurrentHashMap<>();
    private final Server server;

    // Who is dialled, and which process was registered there last; guarded by this.
    private final Map<String, List<Dialler>> diallers = new HashMap<>();
    private final Map<String, NodeInfo> aims = new HashMap<>();
    private volatile boolean closed;

    private volatile Inbox recipient = NOBODY;
    private final Inbox inbox = new Inbox() {
        @Override
        public void received(Leader from, int partition, Message message) {
            recipient.received(from, partition, message);
        }

        @Override
        public void lost(String node) {
            recipient.lost(node);
        }
    };

    private Transport(InetSocketAddress address, String clusterId, Leader self, EventLoops loops) {
        this.self = self;
        this.loops = loops;
        Handshake handshake = new Handshake(clusterId, self);
        this.surroundings = new Dialler.Surroundings(handshake, inbox, resolver);
        ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(ReplicationGrpc.SERVICE_NAME);
        for (Lane lane : Lane.values()) {
            service.addMethod(Methods.of(lane), new Acceptor(lane, handshake, inbox, this::peer, loops::current));
        }
        this.server = NettyServerBuilder.forAddress(address)
                .channelType(NioServerSocketChannel.class)
                .bossEventLoopGroup(loops.group())
                .workerEventLoopGroup(loops.group())
                .directExecutor()
                .maxInboundMessageSize(MOST_FRAME_BYTES)
                .flowControlWindow(WINDOW_BYTES)
                .maxConcurrentCallsPerConnection(1)
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveTime(KEEP_ALIVE_SECONDS / 2, TimeUnit.SECONDS)
                .addService(service.build())
                .build();
    }

    /// Listens at an address, port 0 for any that is free, and answers nodes that dial.
    ///
    /// @param clusterId nodes of other clusters are refused
    /// @param self this node and process
    /// @param loops the threads of all connections; they must outlive this
    /// @throws IOException when the address cannot be had
    public static Transport open(InetSocketAddress address, String clusterId, Leader self, EventLoops loops)
            throws IOException {
        Transport transport = new Transport(address, clusterId, self, loops);
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

    /// Has what comes delivered to this inbox from now on. What came before was dropped.
    public void deliverTo(Inbox copies) {
        recipient = copies;
    }

    @Override
    public void send(String node, int partition, Message message) {
        Peer peer = peers.get(node);
        if (peer == null || closed) {
            return;
        }
        Outbox.Letter letter = new Outbox.Letter(partition, message);
        if (letter.bytes() > MOST_MESSAGE_BYTES) {
            LOG.error(
                    "partition {}: a message of {} bytes to {} is not sent: {} is the most that nodes take",
                    partition,
                    letter.bytes(),
                    node,
                    MOST_MESSAGE_BYTES);
            return;
        }
        peer.send(letter);
    }

    /// Whether messages to a node have a way now. It may be gone in the next moment.
    public boolean reaches(String node) {
        Peer peer = peers.get(node);
        return peer != null && peer.isReached();
    }

    @Override
    public synchronized void imageChanged(ClusterImage image) {
        if (closed) {
            return;
        }
        Set<String> wanted = new HashSet<>(image.nodes().keySet());
        image.partitions().values().forEach(state -> wanted.addAll(state.value().replicas()));
        wanted.removeIf(node -> node.compareTo(self.node()) <= 0);
        diallers.keySet().stream()
                .filter(node -> !wanted.contains(node))
                .toList()
                .forEach(this::letGo);
        wanted.forEach(node -> image.node(node).ifPresent(this::aim));
    }

    /// Ends all connections, in the middle of what they were at.
    public void close() throws InterruptedException {
        letAllGo();
        server.shutdownNow();
        server.awaitTermination(1, TimeUnit.SECONDS);
        resolver.shutdown();
    }

    /// How many bytes wait for a node in a lane.
    long waitingBytes(String node, Lane lane) {
        return peer(node).waitingBytes(lane);
    }

    private synchronized void letAllGo() {
        closed = true;
        peers.values().forEach(peer -> peer.letGo("this node stops"));
        diallers.values().forEach(each -> each.forEach(Dialler::stop));
    }

    /// Without another process or another address there is nothing new to aim at.
    private void aim(NodeInfo node) {
        Endpoint endpoint = node.replication();
        NodeInfo before = aims.put(node.id(), node);
        boolean same = before != null
                && before.incarnation().equals(node.incarnation())
                && endpoint != null
                && endpoint.equals(before.replication());
        if (endpoint == null || same) {
            return;
        }
        diallers.computeIfAbsent(node.id(), this::diallers)
                .forEach(dialler -> dialler.aim(endpoint, node.incarnation()));
    }

    private List<Dialler> diallers(String node) {
        return java.util.stream.Stream.of(Lane.values())
                .map(lane -> new Dialler(lane, node, peer(node), loops.group().next(), surroundings))
                .toList();
    }

    private void letGo(String node) {
        aims.remove(node);
        List<Dialler> gone = diallers.remove(node);
        if (gone != null) {
            gone.forEach(Dialler::stop);
        }
    }

    private Peer peer(String node) {
        return peers.computeIfAbsent(node, id -> new Peer(id, inbox));
    }
}
