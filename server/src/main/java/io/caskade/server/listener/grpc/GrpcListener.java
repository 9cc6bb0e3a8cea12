package io.caskade.server.listener.grpc;

import io.caskade.api.MessageLimits;
import io.caskade.api.v1.KeyValueGrpc;
import io.caskade.server.admin.AdminOperations;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.loop.EventLoops;
import io.caskade.server.loop.Sockets;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerInterceptors;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// The gRPC server with the key-value and admin services, the standard health service and reflection.
public final class GrpcListener {

    /// The health service's name for "all copies of this node are in sync".
    private static final String IN_SYNC = "in-sync";

    /// The minimum interval of clients' keepalive pings.
    private static final int KEEP_ALIVE_SECONDS = 10;

    /// Maximum concurrent calls per connection; clients queue the rest.
    private static final int MAX_CALLS_PER_CONNECTION = 1024;

    /// How long clients may take to notice the shutdown, and to send what they had started to send.
    private static final Duration GO_AWAY_GRACE = Duration.ofSeconds(1);

    private final Server server;
    private final HealthStatusManager health;
    private final InFlightCalls calls;
    private final Pipelines pipelines;
    private final ExecutorService threads;

    /// Who answers the calls of the key-value service.
    ///
    /// @param proxied answers for any key
    /// @param own answers calls that must not be passed on
    public record Commands(CommandHandler proxied, CommandHandler own) {}

    private GrpcListener(
            Server server,
            HealthStatusManager health,
            InFlightCalls calls,
            Pipelines pipelines,
            ExecutorService threads) {
        this.server = server;
        this.health = health;
        this.calls = calls;
        this.pipelines = pipelines;
        this.threads = threads;
    }

    /// Listens at an address; port 0 picks a free port. Health is `NOT_SERVING` until [#setServing].
    ///
    /// @param loops the event loops of all connections; they must outlive this
    /// @param reads bounds the values that are being read or not yet sent, for all listeners together
    /// @throws IOException when the address cannot be bound
    public static GrpcListener open(
            InetSocketAddress address, Commands commands, AdminOperations admin, EventLoops loops, ReadBudget reads)
            throws IOException {
        HealthStatusManager health = new HealthStatusManager();
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
        health.setStatus(IN_SYNC, ServingStatus.NOT_SERVING);
        InFlightCalls calls = new InFlightCalls();
        ExecutorService threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("grpc-", 0).factory());
        Pipelines pipelines = new Pipelines(reads, threads, loops, calls);
        Server server = NettyServerBuilder.forAddress(address)
                .channelType(Sockets.BEST.server())
                .bossEventLoopGroup(loops.group())
                .workerEventLoopGroup(loops.group())
                .directExecutor()
                .callExecutor(new PipelinesOnTheConnectionsThread(threads))
                .maxInboundMessageSize(MessageLimits.MAX_REQUEST_BYTES)
                .permitKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
                .addService(ServerInterceptors.intercept(
                        new KeyValueService(commands, reads, pipelines, threads), calls, new ProxyMode()))
                .addService(ServerInterceptors.intercept(new AdminService(admin), calls))
                .addService(health.getHealthService())
                .addService(ProtoReflectionServiceV1.newInstance())
                .build();
        boolean started = false;
        try {
            server.start();
            started = true;
        } finally {
            if (!started) {
                threads.shutdown();
            }
        }
        return new GrpcListener(server, health, calls, pipelines, threads);
    }

    /// How long the caller of the current call still waits, in milliseconds; for the thread that gRPC calls a
    /// service on.
    public static long timeLeftMillis() {
        return ProxyMode.timeLeftMillis();
    }

    /// The port it listens on.
    public int port() {
        return server.getPort();
    }

    /// Sets the health to serving.
    public void setServing() {
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
    }

    /// Sets the health of the service `in-sync`, whether all copies of the node are in sync: while one is not,
    /// stopping another node may be one too many.
    public void setInSync(boolean all) {
        health.setStatus(IN_SYNC, all ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
    }

    /// Sets the health to not serving, accepts no new connections or calls, and gives calls in flight some
    /// time. Does not wait for health watches and reflection, which would never end.
    ///
    /// @throws TimeoutException when calls did not end in time and were aborted
    public void close(Duration timeout) throws InterruptedException, TimeoutException {
        health.enterTerminalState();
        pipelines.goAway();
        server.shutdown();
        Duration going = timeout.compareTo(GO_AWAY_GRACE) < 0 ? timeout : GO_AWAY_GRACE;
        boolean ended = terminatesWithin(going) || !calls.isAny() || terminatesWithin(timeout.minus(going));
        boolean cutOff = !ended && calls.isAny();
        server.shutdownNow();
        threads.shutdown();
        if (cutOff) {
            throw new TimeoutException("calls were aborted that had not ended after " + timeout.toMillis() + " ms");
        }
    }

    private boolean terminatesWithin(Duration timeout) throws InterruptedException {
        return server.awaitTermination(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// A pipeline never blocks its calling thread; other calls may, and have their own threads.
    private record PipelinesOnTheConnectionsThread(Executor threads) implements ServerCallExecutorSupplier {

        @Override
        public <Q, A> @Nullable Executor getExecutor(ServerCall<Q, A> call, Metadata metadata) {
            boolean pipeline = call.getMethodDescriptor()
                    .getFullMethodName()
                    .equals(KeyValueGrpc.getPipelineMethod().getFullMethodName());
            return pipeline ? null : threads;
        }
    }
}
