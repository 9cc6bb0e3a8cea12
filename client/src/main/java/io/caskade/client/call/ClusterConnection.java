package io.caskade.client.call;

import com.google.protobuf.MessageLite;
import io.caskade.api.v1.Endpoint;
import io.caskade.api.v1.NodeRegistration;
import io.caskade.client.routing.ClusterMetadata;
import io.caskade.client.routing.ClusterMetadataCache;
import io.caskade.client.routing.NoRouteException;
import io.caskade.client.routing.ZooKeeperTarget;
import io.caskade.client.routing.ZooKeeperUnreachableException;
import io.caskade.settings.HostPort;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Function;

/// A client's connection to a cluster: to ZooKeeper and to every node. All operations of a client share it.
///
/// Thread-safe. Every future fails with the `exception` for a [CallFailure].
public final class ClusterConnection implements AutoCloseable {

    private static final long MAX_OVERLOAD_PAUSE_MILLIS = 320;
    private static final long MAX_ROUTE_PAUSE_MILLIS = 50;

    private final TimeLimits limits;
    private final Function<CallFailure, RuntimeException> exception;
    private final ClusterMetadataCache directory;
    private final NodeChannels channels = new NodeChannels();
    private final Backoff overloadBackoff = new Backoff(ClusterConnection::random, MAX_OVERLOAD_PAUSE_MILLIS);
    private final Backoff routeBackoff = new Backoff(ClusterConnection::random, MAX_ROUTE_PAUSE_MILLIS);

    private volatile boolean closed;

    /// Starts connecting and returns at once.
    ///
    /// @param exception turns a failure into the exception that the caller sees
    public ClusterConnection(
            ZooKeeperTarget zookeeper, TimeLimits limits, Function<CallFailure, RuntimeException> exception) {
        this.limits = limits;
        this.exception = exception;
        this.directory = new ClusterMetadataCache(zookeeper);
    }

    /// Starts an operation on a key or a partition. Canceling the result cancels the current attempt.
    public <Q extends MessageLite, A, R> CompletableFuture<R> call(CallSpec<Q, A, R> spec) {
        return RetryingCall.start(this, spec);
    }

    /// How many partitions the cluster has.
    public CompletableFuture<Integer> partitionCount() {
        return directory.partitionCount();
    }

    /// Everything ZooKeeper holds about the cluster.
    public CompletableFuture<ClusterMetadata> metadata() {
        return directory
                .metadata()
                .copy()
                .orTimeout(limits.request().toNanos(), TimeUnit.NANOSECONDS)
                .exceptionallyCompose(
                        thrown -> CompletableFuture.failedFuture(exception.apply(metadataFailure(thrown))));
    }

    private CallFailure metadataFailure(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        return switch (cause) {
            case ZooKeeperUnreachableException unreachable -> unreachable(unreachable);
            case TimeoutException _ -> unreachable(directory.unreachable());
            case NoRouteException none -> new CallFailure.Unreachable(none.reason(), none);
            default ->
                new CallFailure.Unreachable("the cluster's state could not be read: " + cause.getMessage(), cause);
        };
    }

    private static CallFailure unreachable(ZooKeeperUnreachableException cause) {
        return new CallFailure.Unreachable(cause.getMessage(), cause);
    }

    /// What ZooKeeper holds, and what each node reports about itself, within the time of a request together. A
    /// node may take half of it at most.
    public <T> CompletableFuture<T> report(BiFunction<ClusterMetadata, NodeReports, T> result) {
        long startNanos = System.nanoTime();
        return metadata().thenCompose(metadata -> {
            Duration left = limits.request().minusNanos(System.nanoTime() - startNanos);
            Duration half = limits.request().dividedBy(2);
            return NodeReports.collect(channels, endpointsOf(metadata), left.compareTo(half) < 0 ? left : half)
                    .thenApply(reports -> result.apply(metadata, reports));
        });
    }

    /// Makes an administrator's call to any node, within the time of a request.
    public <Q, A> CompletableFuture<A> administer(MethodDescriptor<Q, A> method, Q request) {
        AdminCall<Q, A> call = new AdminCall<>(channels, method, request, limits.attempt(), exception);
        return metadata()
                .thenCompose(metadata ->
                        call.ask(endpointsOf(metadata).values().stream().toList()))
                .orTimeout(limits.request().toNanos(), TimeUnit.NANOSECONDS)
                .exceptionallyCompose(thrown -> CompletableFuture.failedFuture(
                        thrown instanceof TimeoutException
                                ? exception.apply(new CallFailure.Unreachable(
                                        "no node has answered within "
                                                + limits.request().toMillis() + "ms",
                                        thrown))
                                : thrown));
    }

    private static Map<String, HostPort> endpointsOf(ClusterMetadata metadata) {
        Map<String, HostPort> endpoints = new TreeMap<>();
        metadata.nodes().stream()
                .filter(NodeRegistration::hasGrpc)
                .forEach(node -> endpoints.put(node.getId(), hostPort(node.getGrpc())));
        return endpoints;
    }

    private static HostPort hostPort(Endpoint endpoint) {
        return new HostPort(endpoint.getHost(), endpoint.getPort());
    }

    TimeLimits limits() {
        return limits;
    }

    RuntimeException exception(CallFailure failure) {
        return exception.apply(failure);
    }

    ClusterMetadataCache directory() {
        return directory;
    }

    NodeChannels channels() {
        return channels;
    }

    /// The pauses before asking a leader again that cannot take more at the moment.
    Backoff overloadBackoff() {
        return overloadBackoff;
    }

    /// The pauses before looking again for a leader that is not known, not reachable or not ready.
    Backoff routeBackoff() {
        return routeBackoff;
    }

    private static double random() {
        return ThreadLocalRandom.current().nextDouble();
    }

    boolean isClosed() {
        return closed;
    }

    /// Breaks every connection; calls in flight fail.
    @Override
    public void close() {
        closed = true;
        channels.close();
        directory.close();
    }
}
