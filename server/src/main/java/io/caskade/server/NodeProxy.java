package io.caskade.server;

import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.RequestDeadline;
import io.caskade.server.config.ServerConfig;
import io.caskade.server.lifecycle.NodeThreads;
import io.caskade.server.listener.grpc.GrpcListener;
import io.caskade.server.metrics.MeteredCommands;
import io.caskade.server.metrics.NodeMetrics;
import io.caskade.server.metrics.RequestTimers;
import io.caskade.server.partition.NodeBudgets;
import io.caskade.server.proxy.CommandProxy;
import io.caskade.server.transport.commands.GrpcPeerCommands;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// Puts together what answers clients for keys that other nodes lead. Thread-safe.
final class NodeProxy implements AutoCloseable {

    /// How long an HTTP client waits: it does not say.
    private static final long HTTP_MILLIS = 10_000;

    /// How long a Redis client waits, which does not say either: less than many wait by default, and longer
    /// than a failover takes.
    static final long REDIS_MILLIS = 5_000;

    private final CommandProxy proxy;
    private final GrpcPeerCommands peers;

    /// @param local answers what this node can
    NodeProxy(
            ServerConfig config, NodeIncarnation self, CommandHandler local, NodeThreads threads, NodeBudgets budgets) {
        this.peers = new GrpcPeerCommands(threads.loops().group(), threads.workers(), local.partitions());
        this.proxy = new CommandProxy(new CommandProxy.Dependencies(
                self,
                local,
                peers,
                threads.loops()::loopOf,
                threads.workers(),
                () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()),
                () -> ThreadLocalRandom.current().nextLong(),
                config.limits().inFlight().bytes(),
                budgets.writes()));
    }

    /// Follows the cluster.
    void subscribeTo(Coordinator coordinator) {
        coordinator.subscribe(peers);
        coordinator.subscribe(proxy);
    }

    CommandHandler forHttp() {
        return proxy.commands(() -> HTTP_MILLIS);
    }

    CommandHandler forRedis(NodeMetrics metrics) {
        return new MeteredCommands(
                proxy.commands(() -> RequestDeadline.leftMillis(System::nanoTime, REDIS_MILLIS)),
                metrics.requests("redis"),
                System::nanoTime);
    }

    GrpcListener.Commands forGrpc(NodeMetrics metrics) {
        RequestTimers timers = metrics.requests("grpc");
        return new GrpcListener.Commands(
                new MeteredCommands(proxy.commands(GrpcListener::timeLeftMillis), timers, System::nanoTime),
                new MeteredCommands(proxy.ownCommands(), timers, System::nanoTime));
    }

    void showIn(NodeMetrics metrics) {
        metrics.counter(
                "caskade.proxied.requests",
                "Requests that were put to another node, which leads their partition; each time it was asked.",
                _ -> proxy.forwarded());
    }

    /// Refuses requests that wait for a leader: the node shuts down.
    void stop() {
        proxy.stop();
    }

    /// Breaks the connections with other nodes.
    @Override
    public void close() {
        peers.close();
    }
}
