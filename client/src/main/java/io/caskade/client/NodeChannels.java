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

/// One gRPC channel for each endpoint, made when it is first needed. Safe for use by any thread.
final class NodeChannels implements AutoCloseable {

    /// More than any page of a scan should have; what a node's limits allow is for the node to say.
    private static final int MAX_ANSWER_BYTES = 256 * 1024 * 1024;

    private static final int THREADS = 2;
    private static final long FAREWELL_SECONDS = 1;

    private final EventLoopGroup threads = new MultiThreadIoEventLoopGroup(
            THREADS, new DefaultThreadFactory("caskade-client", true), NioIoHandler.newFactory());
    private final ConcurrentMap<Endpoint, ManagedChannel> channels = new ConcurrentHashMap<>();

    private volatile boolean closed;

    Channel to(Endpoint endpoint) {
        ManagedChannel channel = channels.computeIfAbsent(endpoint, this::open);
        if (closed) {
            channel.shutdownNow();
        }
        return channel;
    }

    /// Has the channel try to connect again now if it is waiting to: gRPC's own pauses grow to minutes, and a node
    /// that restarts is back in seconds.
    void reconnect(Endpoint endpoint) {
        ManagedChannel channel = channels.get(endpoint);
        if (channel != null) {
            channel.resetConnectBackoff();
        }
    }

    private ManagedChannel open(Endpoint endpoint) {
        return NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
                .usePlaintext()
                .eventLoopGroup(threads)
                .channelType(NioSocketChannel.class)
                .maxInboundMessageSize(MAX_ANSWER_BYTES)
                .disableServiceConfigLookUp()
                .build();
    }

    /// Breaks every connection; calls in flight fail.
    @Override
    public void close() {
        closed = true;
        channels.values().forEach(ManagedChannel::shutdownNow);
        // Waited for, because a process with a thread in a system call takes its time to exit.
        threads.shutdownGracefully(0, FAREWELL_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(FAREWELL_SECONDS, TimeUnit.SECONDS);
    }
}
