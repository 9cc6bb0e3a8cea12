package io.caskade.client.call;

import io.caskade.api.Proxying;
import io.caskade.settings.HostPort;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/// One gRPC channel and one pipeline per endpoint, created on first use. Thread-safe.
final class NodeChannels implements AutoCloseable {

    /// More than a page of a scan should have; the limits that matter are the node's.
    private static final int MAX_RESPONSE_BYTES = 256 * 1024 * 1024;

    private static final int MAX_THREADS = 4;

    /// One per two processors. A reply often triggers a call to another node: the fewer the threads,
    /// the more often the same one writes it, and the more calls share a message.
    private static final int THREADS = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, MAX_THREADS);
    private static final long SHUTDOWN_SECONDS = 1;

    private final EventLoopGroup threads = new MultiThreadIoEventLoopGroup(
            THREADS, new DefaultThreadFactory("caskade-client", true), NioIoHandler.newFactory());
    private final ConcurrentMap<HostPort, Node> nodes = new ConcurrentHashMap<>();

    private volatile boolean closed;

    private record Node(ManagedChannel channel, Pipeline pipeline) {}

    /// For calls that are sent alone.
    Channel channelTo(HostPort endpoint) {
        return node(endpoint).channel();
    }

    /// For calls that share a stream.
    Pipeline pipelineTo(HostPort endpoint) {
        return node(endpoint).pipeline();
    }

    private Node node(HostPort endpoint) {
        Node node = nodes.computeIfAbsent(endpoint, this::open);
        if (closed) {
            node.channel().shutdownNow();
        }
        return node;
    }

    /// Makes a channel that waits to reconnect try again now: gRPC's own pauses grow to minutes, and a node
    /// that restarts is back in seconds.
    void reconnect(HostPort endpoint) {
        Node node = nodes.get(endpoint);
        if (node != null) {
            node.channel().resetConnectBackoff();
        }
    }

    private Node open(HostPort endpoint) {
        ManagedChannel channel = NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
                .usePlaintext()
                .intercept(MetadataUtils.newAttachHeadersInterceptor(Proxying.forbidden()))
                .eventLoopGroup(threads)
                .channelType(NioSocketChannel.class)
                .maxInboundMessageSize(MAX_RESPONSE_BYTES)
                .disableServiceConfigLookUp()
                .build();
        return new Node(channel, new Pipeline(channel, threads));
    }

    /// Breaks every connection; calls in flight fail.
    @Override
    public void close() {
        closed = true;
        nodes.values().forEach(node -> node.channel().shutdownNow());
        // Waited for because a process with a thread in a system call is slow to exit.
        threads.shutdownGracefully(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(SHUTDOWN_SECONDS, TimeUnit.SECONDS);
    }
}
