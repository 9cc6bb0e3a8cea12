package io.caskade.server.listener.grpc;

import io.caskade.api.MessageLimits;
import io.caskade.api.v1.KeyValueGrpc;
import io.caskade.server.admin.AdminOperations;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.loop.EventLoops;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerInterceptors;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// A listening gRPC server with the key-value and the administrators' service, the standard health service and
/// reflection.
public final class GrpcListener {

    /// What health is asked for by those who wait for a node to have caught up.
    private static final String IN_SYNC = "in-sync";

    /// How often clients may ask whether the connection still stands.
    private static final int KEEP_ALIVE_SECONDS = 10;

    /// How many calls of one connection are taken on at once; clients wait with the rest.
    private static final int MAX_CALLS_PER_CONNECTION = 1024;

    /// How long clients may take to hear that the server goes, and send what they had begun to send.
    private static final Duration GO_AWAY_GRACE = Duration.ofSeconds(1);

    private final Server server;
    private final HealthStatusManager health;
    private final InFlightCalls calls;
    private final Pipelines pipelines;
    private final ExecutorService threads;

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

    /// Listens at an address, port 0 for any that is free. Health says `NOT_SERVING` until [#setServing].
    ///
    /// @param loops the threads of all connections; they must outlive this
    /// @throws IOException when the address cannot be had
    public static GrpcListener open(
            InetSocketAddress address, CommandHandler handler, AdminOperations admin, EventLoops loops)
            throws IOException {
        HealthStatusManager health = new HealthStatusManager();
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
        health.setStatus(IN_SYNC, ServingStatus.NOT_SERVING);
        InFlightCalls calls = new InFlightCalls();
        ExecutorService threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("grpc-", 0).factory());
        Pipelines pipelines = new Pipelines(threads, loops, calls);
        Server server = NettyServerBuilder.forAddress(address)
                .channelType(NioServerSocketChannel.class)
                .bossEventLoopGroup(loops.group())
                .workerEventLoopGroup(loops.group())
                .directExecutor()
                .callExecutor(new PipelinesOnTheConnectionsThread(threads))
                .maxInboundMessageSize(MessageLimits.MAX_REQUEST_BYTES)
                .permitKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
                .addService(ServerInterceptors.intercept(new KeyValueService(handler, pipelines), calls))
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

    /// The port it listens on.
    public int port() {
        return server.getPort();
    }

    /// Has health say that the node serves.
    public void setServing() {
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
    }

    /// Has health say, as of the service `in-sync`, whether all copies of the node are: as long as one is not,
    /// another node that goes may be one too many.
    public void setInSync(boolean all) {
        health.setStatus(IN_SYNC, all ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
    }

    /// Has health say that the node is going, takes no new connections or calls, and gives calls under way
    /// some time. Those who watch the health or ask for reflection would stay forever, and are not waited
    /// for.
    ///
    /// @throws TimeoutException when calls did not end in time and were cut off
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
            throw new TimeoutException("calls were cut off that had not ended after " + timeout.toMillis() + " ms");
        }
    }

    private boolean terminatesWithin(Duration timeout) throws InterruptedException {
        return server.awaitTermination(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// A pipeline never blocks the thread it is called on; other calls may, and have threads of their own.
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
