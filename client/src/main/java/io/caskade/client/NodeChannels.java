package io.caskade.client;

import io.caskade.client.ClusterView.Endpoint;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/// One gRPC channel for each endpoint and a pipeline on it, made when they are first needed. Safe for use
/// by any thread.
final class NodeChannels implements AutoCloseable {

    /// More than any page of a scan should have; what a node's limits allow is for the node to say.
    private static final int MAX_ANSWER_BYTES = 256 * 1024 * 1024;

    private static final int MOST_THREADS = 4;

    /// One for each two processors. An answer often sets off a call to another node: the fewer threads, the more often
    /// it is the same that writes it, and the more go together.
    private static final int THREADS = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, MOST_THREADS);
    private static final long FAREWELL_SECONDS = 1;

    private final EventLoopGroup threads = new MultiThreadIoEventLoopGroup(
            THREADS, new DefaultThreadFactory("caskade-client", true), NioIoHandler.newFactory());
    private final ConcurrentMap<Endpoint, Node> nodes = new ConcurrentHashMap<>();

    private volatile boolean closed;

    private record Node(ManagedChannel channel, Pipeline pipeline) {}

    /// For calls that go by themselves.
    Channel to(Endpoint endpoint) {
        return node(endpoint).channel();
    }

    /// For calls that travel together.
    Pipeline pipelineTo(Endpoint endpoint) {
        return node(endpoint).pipeline();
    }

    private Node node(Endpoint endpoint) {
        Node node = nodes.computeIfAbsent(endpoint, this::open);
        if (closed) {
            node.channel().shutdownNow();
        }
        return node;
    }

    /// Has the channel try to connect again now if it is waiting to: gRPC's own pauses grow to minutes, and
    /// a node that restarts is back in seconds.
    void reconnect(Endpoint endpoint) {
        Node node = nodes.get(endpoint);
        if (node != null) {
            node.channel().resetConnectBackoff();
        }
    }

    private Node open(Endpoint endpoint) {
        ManagedChannel channel = NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
                .usePlaintext()
                .eventLoopGroup(threads)
                .channelType(NioSocketChannel.class)
                .maxInboundMessageSize(MAX_ANSWER_BYTES)
                .disableServiceConfigLookUp()
                .build();
        return new Node(channel, new Pipeline(channel, threads));
    }

    /// Breaks every connection; calls in flight fail.
    @Override
    public void close() {
        closed = true;
        nodes.values().forEach(node -> node.channel().shutdownNow());
        // Waited for, because a process with a thread in a system call takes its time to exit.
        threads.shutdownGracefully(0, FAREWELL_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(FAREWELL_SECONDS, TimeUnit.SECONDS);
    }
}
