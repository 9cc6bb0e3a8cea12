package io.caskade.client;

import io.caskade.client.ClusterView.Endpoint;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// One gRPC channel for each endpoint, made when it is first needed. Safe for use by any thread.
final class NodeChannels implements AutoCloseable {

    /// More than any page of a scan should have; what a node's limits allow is for the node to say.
    private static final int MAX_ANSWER_BYTES = 256 * 1024 * 1024;

    private final ConcurrentMap<Endpoint, ManagedChannel> channels = new ConcurrentHashMap<>();

    private volatile boolean closed;

    Channel to(Endpoint endpoint) {
        ManagedChannel channel = channels.computeIfAbsent(endpoint, NodeChannels::open);
        if (closed) {
            channel.shutdownNow();
        }
        return channel;
    }

    /// Has the channel try to connect again now if it is waiting to: gRPC's own pauses grow to minutes, and a node that
    /// restarts is back in seconds.
    void reconnect(Endpoint endpoint) {
        ManagedChannel channel = channels.get(endpoint);
        if (channel != null) {
            channel.resetConnectBackoff();
        }
    }

    private static ManagedChannel open(Endpoint endpoint) {
        return NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
                .usePlaintext()
                .maxInboundMessageSize(MAX_ANSWER_BYTES)
                .disableServiceConfigLookUp()
                .build();
    }

    /// Breaks every connection; calls in flight fail.
    @Override
    public void close() {
        closed = true;
        channels.values().forEach(ManagedChannel::shutdownNow);
    }
}
