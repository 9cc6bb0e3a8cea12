package io.caskade.server.listener.redis;

import io.caskade.server.command.ByteBudget;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.redis.command.Clients;
import io.caskade.server.listener.redis.command.CommandTable;
import io.caskade.server.listener.redis.command.ServerIdentity;
import io.caskade.server.listener.redis.command.ServerStats;
import io.caskade.server.listener.redis.command.SlowLog;
import io.caskade.server.loop.EventLoops;
import io.caskade.server.loop.Sockets;
import io.caskade.server.metrics.NodeMetrics;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/// The server of the Redis protocol, RESP2 and RESP3, without TLS.
public final class RedisListener {

    private static final int BACKLOG = 1024;
    private static final int MAX_KEY_BYTES = 65_535;
    private static final int LOW_WATER_MARK_BYTES = 64 << 10;
    private static final int HIGH_WATER_MARK_BYTES = 256 << 10;

    private final Channel server;
    private final ChannelGroup connections;
    private final ExecutorService threads;

    /// The limits of connections and commands.
    ///
    /// @param maxValueBytes the longest value, the setting `storage.max-value-size`
    /// @param maxParsingBytes the bytes of commands that are being received, for all clients together, half
    ///     of the setting `limits.in-flight`
    /// @param maxClients how many connections there may be, the setting `listeners.redis.max-clients`
    /// @param mayFlush whether all keys may be deleted, the setting `listeners.redis.flush`
    /// @param time how long a command may take; some more, if it is a write of several steps
    public record Limits(int maxValueBytes, long maxParsingBytes, int maxClients, boolean mayFlush, Duration time) {

        int maxBulkBytes() {
            return maxValueBytes + MAX_KEY_BYTES;
        }
    }

    private RedisListener(Channel server, ChannelGroup connections, ExecutorService threads) {
        this.server = server;
        this.connections = connections;
        this.threads = threads;
    }

    /// Listens at an address; port 0 picks a free port.
    ///
    /// @param redirects whether all clients are redirected to the leaders of their keys, the setting
    ///     `listeners.redis.redirect`
    /// @param loops the event loops of all connections; they must outlive this
    /// @param reads bounds the values that are being read or not yet sent, for all listeners together
    /// @throws IOException when the address cannot be bound
    public static RedisListener open(
            InetSocketAddress address,
            CommandHandler handler,
            ServerIdentity identity,
            boolean redirects,
            NodeMetrics metrics,
            EventLoops loops,
            ReadBudget reads,
            Limits limits)
            throws IOException {
        ExecutorService threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("redis-", 0).factory());
        AtomicInteger port = new AtomicInteger(address.getPort());
        Clients clients = new Clients(System::nanoTime, redirects);
        ServerStats stats = new ServerStats();
        ByteBudget parsing = new ByteBudget(limits.maxParsingBytes());
        SlowLog slowLog = new SlowLog();
        CommandTable table = CommandTable.of(new CommandTable.Dependencies(
                handler,
                reads,
                parsing,
                threads,
                clients,
                stats,
                slowLog,
                identity,
                port::get,
                limits.maxValueBytes(),
                limits.maxBulkBytes(),
                limits.maxClients(),
                limits.mayFlush(),
                limits.time().toNanos(),
                System::nanoTime));
        // A command of several steps may take a little longer than each of them.
        RedisListenerContext context = new RedisListenerContext(
                table,
                clients,
                stats,
                slowLog,
                parsing,
                reads,
                new ForeignProtocols(System::nanoTime),
                limits.maxBulkBytes(),
                limits.time().multipliedBy(3).dividedBy(2).toNanos(),
                System::nanoTime);
        ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        ChannelFuture bound = new ServerBootstrap()
                .group(loops.group())
                .channel(Sockets.BEST.server())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(LOW_WATER_MARK_BYTES, HIGH_WATER_MARK_BYTES))
                .childHandler(new Initializer(context, connections, limits.maxClients()))
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            threads.shutdown();
            throw new IOException("cannot listen at " + address, bound.cause());
        }
        port.set(((InetSocketAddress) bound.channel().localAddress()).getPort());
        metrics.gauge("caskade.redis.connections", "Open connections of Redis clients.", connections::size);
        metrics.gauge(
                "caskade.redis.parsing.bytes",
                "Bytes of Redis commands that have not arrived completely or are queued by transactions; half of"
                        + " limits.in-flight bounds them.",
                parsing::used);
        return new RedisListener(bound.channel(), connections, threads);
    }

    /// Sets up a connection, or refuses it when there are too many.
    private static final class Initializer extends ChannelInitializer<Channel> {

        private final RedisListenerContext context;
        private final ChannelGroup connections;
        private final int maxClients;

        Initializer(RedisListenerContext context, ChannelGroup connections, int maxClients) {
            this.context = context;
            this.connections = connections;
            this.maxClients = maxClients;
        }

        @Override
        protected void initChannel(Channel channel) {
            boolean full = connections.size() >= maxClients;
            connections.add(channel);
            if (full) {
                context.stats().countRejected();
                channel.pipeline().addLast(new TooManyClients());
            } else {
                context.stats().countConnection();
                channel.pipeline().addLast(new RedisConnection(context, channel));
            }
        }
    }

    /// The port it listens on.
    public int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /// Accepts no new connections or commands, and gives commands that have begun some time. Idempotent.
    ///
    /// @throws TimeoutException when commands did not end in time and were aborted
    public void close(Duration timeout) throws InterruptedException, TimeoutException {
        server.close().sync();
        connections.forEach(connection -> connection.pipeline().fireUserEventTriggered(RedisConnection.GO_AWAY));
        boolean ended = connections.newCloseFuture().await(timeout.toMillis(), TimeUnit.MILLISECONDS);
        connections.close().await(timeout.toMillis());
        threads.shutdown();
        if (!ended) {
            throw new TimeoutException("commands were aborted that had not ended after " + timeout.toMillis() + " ms");
        }
    }
}
