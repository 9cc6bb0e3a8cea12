package io.caskade.server;

import io.caskade.server.config.HttpListenerConfig;
import io.caskade.server.config.ListenersConfig;
import io.caskade.server.config.RedisListenerConfig;
import io.caskade.server.config.ServerConfig;
import io.caskade.server.lifecycle.ShutdownSequence;
import io.caskade.server.lifecycle.StartupException;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.grpc.GrpcListener;
import io.caskade.server.listener.http.HttpListener;
import io.caskade.server.listener.redis.RedisListener;
import io.caskade.server.listener.redis.command.ServerIdentity;
import io.caskade.server.loop.EventLoops;
import io.caskade.server.metrics.NodeMetrics;
import io.caskade.settings.HostPort;
import java.time.Duration;
import java.util.Optional;

/// The listeners for clients: gRPC, and HTTP and the Redis protocol where they are configured. Thread-safe.
final class NodeListeners {

    /// What answers their clients.
    record Dependencies(
            NodeProxy proxy,
            NodeAdmin admin,
            NodeMetrics metrics,
            HttpListener.Cluster cluster,
            ServerIdentity identity,
            EventLoops loops,
            ReadBudget reads) {}

    private final ServerConfig config;
    private final ShutdownSequence shutdown;
    private final GrpcListener grpc;
    private final Optional<HttpListener> http;
    private final Optional<RedisListener> redis;

    private NodeListeners(ServerConfig config, Dependencies dependencies, ShutdownSequence shutdown)
            throws StartupException {
        this.config = config;
        this.shutdown = shutdown;
        this.grpc = openGrpc(dependencies);
        this.http = openHttp(dependencies);
        this.redis = openRedis(dependencies);
    }

    /// Opens all of them. They refuse clients until [#setServing].
    static NodeListeners open(ServerConfig config, Dependencies dependencies, ShutdownSequence shutdown)
            throws StartupException {
        return new NodeListeners(config, dependencies, shutdown);
    }

    private GrpcListener openGrpc(Dependencies to) throws StartupException {
        GrpcListener listener = ListenerBinding.bind(
                "listeners.grpc.bind",
                config.listeners().grpc().bind(),
                address -> GrpcListener.open(
                        address, to.proxy().forGrpc(to.metrics()), to.admin(), to.loops(), to.reads()));
        shutdown.push("the gRPC listener", () -> close(listener));
        return listener;
    }

    private Optional<HttpListener> openHttp(Dependencies to) throws StartupException {
        Optional<HostPort> bind = config.listeners().http().bind();
        if (bind.isEmpty()) {
            return Optional.empty();
        }
        HttpListener.Limits limits =
                new HttpListener.Limits(config.storage().maxValueSize().toIntBytes(), maxReceivedBytes());
        HttpListener listener = ListenerBinding.bind(
                "listeners.http.bind",
                bind.get(),
                address -> HttpListener.open(
                        address,
                        to.proxy().forHttp(),
                        to.cluster(),
                        to.admin(),
                        to.metrics(),
                        to.loops(),
                        to.reads(),
                        limits));
        shutdown.push("the HTTP listener", () -> close(listener));
        return Optional.of(listener);
    }

    private Optional<RedisListener> openRedis(Dependencies to) throws StartupException {
        RedisListenerConfig settings = config.listeners().redis();
        if (settings.bind().isEmpty()) {
            return Optional.empty();
        }
        RedisListener.Limits limits = new RedisListener.Limits(
                config.storage().maxValueSize().toIntBytes(),
                maxReceivedBytes(),
                settings.maxClients(),
                settings.flush(),
                Duration.ofMillis(NodeProxy.REDIS_MILLIS));
        RedisListener listener = ListenerBinding.bind(
                "listeners.redis.bind",
                settings.bind().get(),
                address -> RedisListener.open(
                        address,
                        to.proxy().forRedis(to.metrics()),
                        to.identity(),
                        settings.redirect(),
                        to.metrics(),
                        to.loops(),
                        to.reads(),
                        limits));
        shutdown.push("the Redis listener", () -> close(listener));
        return Optional.of(listener);
    }

    /// The bytes of requests that are being received over HTTP, and as many over the Redis protocol.
    private long maxReceivedBytes() {
        return config.limits().inFlight().bytes() / 2;
    }

    /// Their addresses, with those of the node that others give.
    NodeAddresses addresses(ListenerAddress replication, String zookeeper) {
        ListenersConfig listeners = config.listeners();
        return new NodeAddresses(
                ListenerAddress.of(
                        listeners.grpc().bind(), grpc.port(), listeners.grpc().advertisedAt(grpc.port())),
                http.map(open -> address(open, listeners.http())),
                redis.map(open -> address(open, listeners.redis())),
                replication,
                zookeeper);
    }

    private static ListenerAddress address(HttpListener listener, HttpListenerConfig http) {
        HostPort bind = http.bind().orElseThrow();
        return ListenerAddress.of(bind, listener.port(), http.advertisedAt(bind, listener.port()));
    }

    private static ListenerAddress address(RedisListener listener, RedisListenerConfig redis) {
        HostPort bind = redis.bind().orElseThrow();
        return ListenerAddress.of(bind, listener.port(), redis.advertisedAt(bind, listener.port()));
    }

    /// Reports whether all copies of the node are in sync.
    void setInSync(boolean all) {
        grpc.setInSync(all);
        http.ifPresent(open -> open.setInSync(all));
    }

    /// Reports that the node serves.
    void setServing() {
        grpc.setServing();
        http.ifPresent(HttpListener::setServing);
    }

    /// Has the shutdown close them before what was started since they were opened.
    void pushClose() {
        redis.ifPresent(open -> shutdown.push("the Redis listener", () -> close(open)));
        http.ifPresent(open -> shutdown.push("the HTTP listener", () -> close(open)));
        shutdown.push("the gRPC listener", () -> close(grpc));
    }

    /// Idempotent.
    private void close(RedisListener listener) throws Exception {
        listener.close(config.shutdownTimeout().dividedBy(8));
    }

    /// Idempotent.
    private void close(HttpListener listener) throws Exception {
        listener.close(config.shutdownTimeout().dividedBy(8));
    }

    /// Idempotent.
    private void close(GrpcListener listener) throws Exception {
        listener.close(config.shutdownTimeout().dividedBy(2));
    }
}
