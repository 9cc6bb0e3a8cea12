package io.caskade.server.listener.http;

import io.caskade.server.admin.AdminOperations;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.command.ByteBudget;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.RecordReader;
import io.caskade.server.listener.http.StatusResources.ServingState;
import io.caskade.server.loop.EventLoops;
import io.caskade.server.loop.Sockets;
import io.caskade.server.metrics.NodeMetrics;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/// The HTTP server: records under `/v1/kv`, and what tools ask a node. HTTP/1.1 and HTTP/2, without TLS.
public final class HttpListener {

    private static final int BACKLOG = 1024;

    private final Channel server;
    private final ChannelGroup connections;
    private final StatusResources status;
    private final InFlightRequests inFlight;
    private final ExecutorService threads;

    /// The limits of requests.
    ///
    /// @param maxValueBytes the longest value, the setting `storage.max-value-size`
    /// @param maxBodyBytes the bytes of bodies that are being received, for all clients together, half of
    ///     the setting `limits.in-flight`
    public record Limits(int maxValueBytes, long maxBodyBytes) {}

    /// What the listener says of the cluster.
    ///
    /// @param self this node's id
    /// @param image the newest image of the cluster, once there is one
    public record Cluster(String self, Supplier<Optional<ClusterImage>> image) {}

    private HttpListener(
            Channel server,
            ChannelGroup connections,
            StatusResources status,
            InFlightRequests inFlight,
            ExecutorService threads) {
        this.server = server;
        this.connections = connections;
        this.status = status;
        this.inFlight = inFlight;
        this.threads = threads;
    }

    /// Listens at an address; port 0 picks a free port. The node is not ready until [#setServing].
    ///
    /// @param loops the event loops of all connections; they must outlive this
    /// @param reads bounds the values that are being read or not yet sent, for all listeners together
    /// @throws IOException when the address cannot be bound
    public static HttpListener open(
            InetSocketAddress address,
            CommandHandler handler,
            Cluster cluster,
            AdminOperations admin,
            NodeMetrics metrics,
            EventLoops loops,
            ReadBudget reads,
            Limits limits)
            throws IOException {
        ExecutorService threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("http-", 0).factory());
        StatusResources status = new StatusResources(admin, metrics, threads);
        AnswerHeaders answers = new AnswerHeaders(cluster.self());
        RecordReader reader = new RecordReader(handler, threads);
        StoreJson store = new StoreJson(cluster);
        ShardResources shards = new ShardResources(handler, store, cluster);
        Router router = new Router(
                new KeyResource(handler, reader, answers, limits.maxValueBytes()),
                new KeysResource(handler, reads, answers, threads, System::nanoTime),
                new StoreKeyResource(handler, reader, answers, store, limits.maxValueBytes()),
                shards,
                new ViewChangeResource(admin, shards, store, cluster, threads, System::nanoTime),
                status);
        InFlightRequests inFlight = new InFlightRequests();
        ByteBudget bodies = new ByteBudget(limits.maxBodyBytes());
        HttpListenerContext context = new HttpListenerContext(
                router,
                metrics.requests("http"),
                bodies,
                reads,
                inFlight,
                new HttpDate(InstantSource.system()),
                System::nanoTime);
        ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        ChannelFuture bound = new ServerBootstrap()
                .group(loops.group())
                .channel(Sockets.BEST.server())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ConnectionInitializer(context, connections))
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            threads.shutdown();
            throw new IOException("cannot listen at " + address, bound.cause());
        }
        metrics.gauge(
                "caskade.http.body.bytes",
                "Bytes of HTTP requests' bodies that are being received; half of limits.in-flight bounds them.",
                bodies::used);
        return new HttpListener(bound.channel(), connections, status, inFlight, threads);
    }

    /// The port it listens on.
    public int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /// From now on the node is ready if its copies are.
    public void setServing() {
        status.setState(ServingState.SERVING);
    }

    /// Sets whether all copies that are assigned to the node are in sync.
    public void setInSync(boolean all) {
        status.setInSync(all);
    }

    /// Accepts no new connections or requests, and gives requests in flight some time. Idempotent.
    ///
    /// @throws TimeoutException when requests did not end in time and were aborted
    public void close(Duration timeout) throws InterruptedException, TimeoutException {
        status.setState(ServingState.STOPPING);
        server.close().sync();
        connections.forEach(connection -> connection.pipeline().fireUserEventTriggered(GoAway.EVENT));
        boolean ended = inFlight.awaitNone(timeout);
        connections.close().await(timeout.toMillis());
        threads.shutdown();
        if (!ended) {
            throw new TimeoutException("requests were aborted that had not ended after " + timeout.toMillis() + " ms");
        }
    }
}
