package io.caskade.server.transport.commands;

import io.caskade.api.KeySlots;
import io.caskade.api.MessageLimits;
import io.caskade.api.v1.CompareAndSetResponse;
import io.caskade.api.v1.CountRequest;
import io.caskade.api.v1.CountResponse;
import io.caskade.api.v1.GetRequest;
import io.caskade.api.v1.GetResponse;
import io.caskade.api.v1.IncrementResponse;
import io.caskade.api.v1.KeyValueGrpc;
import io.caskade.api.v1.ScanRequest;
import io.caskade.api.v1.ScanResponse;
import io.caskade.api.v1.WriteBatchResponse;
import io.caskade.api.v1.WriteResponse;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.Endpoint;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.command.Command;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandHandler.Page;
import io.caskade.server.command.CommandHandler.StartedGet;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.command.WriteBatch;
import io.caskade.server.loop.Sockets;
import io.caskade.server.proxy.PeerCommands;
import io.caskade.server.proxy.UnansweredException;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Puts commands to the gRPC listeners of other nodes, over one connection per node. Thread-safe.
public final class GrpcPeerCommands implements PeerCommands, Coordinator.Observer, AutoCloseable {

    private static final int CONNECT_MILLIS = 2_000;
    private static final int KEEP_ALIVE_SECONDS = 20;

    /// What a node may send ahead, on a connection and on each of its calls.
    private static final int WINDOW_BYTES = 1 << 20;

    /// How long a large record may wait for room on this node, before its call is given up: a read is refused
    /// sooner.
    private static final long MAX_UNREAD_MILLIS = 1_000;

    private final EventLoopGroup threads;
    private final Executor resolver;
    private final int partitions;
    private final Map<Endpoint, ManagedChannel> channels = new ConcurrentHashMap<>();

    private volatile boolean closed;

    /// @param threads the threads of connections
    /// @param resolver looks up names, which may block
    /// @param partitions how many there are
    public GrpcPeerCommands(EventLoopGroup threads, Executor resolver, int partitions) {
        this.threads = threads;
        this.resolver = resolver;
        this.partitions = partitions;
    }

    /// Ends the connections with nodes that are gone, or elsewhere.
    @Override
    public void imageChanged(ClusterImage image) {
        Set<Endpoint> known = new HashSet<>();
        image.nodes().values().forEach(node -> {
            Endpoint endpoint = node.grpc();
            if (endpoint != null) {
                known.add(endpoint);
            }
        });
        channels.forEach((endpoint, channel) -> {
            if (!known.contains(endpoint) && channels.remove(endpoint, channel)) {
                channel.shutdown();
            }
        });
    }

    /// Breaks all connections. Idempotent.
    @Override
    public void close() {
        closed = true;
        channels.values().forEach(ManagedChannel::shutdownNow);
    }

    private ManagedChannel channelTo(NodeInfo node) {
        ManagedChannel channel =
                channels.computeIfAbsent(Objects.requireNonNull(node.grpc(), node.id()), this::connect);
        if (closed) {
            channel.shutdownNow();
        }
        return channel;
    }

    private ManagedChannel connect(Endpoint at) {
        return NettyChannelBuilder.forAddress(at.host(), at.port())
                .usePlaintext()
                .channelType(Sockets.BEST.client())
                .eventLoopGroup(threads)
                .directExecutor()
                .offloadExecutor(resolver)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .maxInboundMessageSize(MessageLimits.MAX_REQUEST_BYTES)
                .flowControlWindow(WINDOW_BYTES)
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .proxyDetector(_ -> null)
                .disableRetry()
                .disableServiceConfigLookUp()
                .build();
    }

    @Override
    public Attempt<StartedGet> get(
            NodeInfo node, byte[] key, @Nullable ReplicaRead read, boolean withoutValue, long timeoutMillis) {
        GetRequest request = GetRequest.newBuilder()
                .setKey(CommandCodec.shared(key))
                .setMode(CommandCodec.mode(read, KeySlots.partitionOf(key, partitions), timeoutMillis))
                .setWithoutValue(withoutValue)
                .build();
        ManagedChannel channel = channelTo(node);
        CompletableFuture<StartedGet> begun = new CompletableFuture<>();
        CompletableFuture<Long> announced = new CompletableFuture<>();
        PeerCall<GetRequest, GetResponse> call = PeerCall.send(
                channel,
                KeyValueGrpc.getGetMethod(),
                request,
                timeoutMillis,
                announced::complete,
                channel::resetConnectBackoff);
        CompletionStage<Answer<@Nullable FoundRecord>> answer = call.answer()
                .thenApply(response -> new Answer<@Nullable FoundRecord>(
                        CommandCodec.found(response), CommandCodec.position(response.getPosition()), node.id()));
        // A large record is offered when its length is known, a small one when it is there.
        var _ = announced.thenAccept(bytes -> begun.complete(large(call, bytes, answer)));
        var _ = answer.whenComplete((found, failure) -> {
            if (failure == null) {
                begun.complete(new StartedGet.Answered(bytes(found.value()), answer));
            } else {
                begun.completeExceptionally(failure);
            }
        });
        return new Attempt<>(begun, call::cancel);
    }

    private StartedGet large(PeerCall<?, ?> call, long bytes, CompletionStage<Answer<@Nullable FoundRecord>> answer) {
        AtomicBoolean wanted = new AtomicBoolean();
        Runnable giveUp = () -> {
            if (!wanted.get()) {
                call.cancel();
            }
        };
        Future<?> _ = threads.next().schedule(giveUp, MAX_UNREAD_MILLIS, TimeUnit.MILLISECONDS);
        return new StartedGet.AtPeer(bytes, () -> {
            if (wanted.compareAndSet(false, true)) {
                call.read();
            }
            return answer.exceptionallyCompose(failure -> CompletableFuture.failedStage(broken(failure)));
        });
    }

    /// It is too late to ask another node.
    private static Throwable broken(Throwable failure) {
        return switch (failure) {
            case CompletionException wrapped when wrapped.getCause() != null -> broken(wrapped.getCause());
            case UnansweredException unanswered ->
                new CommandRefusedException(
                        Reason.NOT_SERVING, "the node that has the record " + unanswered.getMessage());
            default -> failure;
        };
    }

    private static long bytes(@Nullable FoundRecord found) {
        return found == null ? 0 : found.key().length + (long) found.value().length;
    }

    @Override
    public Attempt<Answer<Command.Result>> write(NodeInfo node, Command command, long timeoutMillis) {
        return switch (command) {
            case Command.Put put ->
                ask(node, KeyValueGrpc.getPutMethod(), CommandCodec.message(put), timeoutMillis, written(node));
            case Command.Delete delete ->
                ask(node, KeyValueGrpc.getDeleteMethod(), CommandCodec.message(delete), timeoutMillis, written(node));
            case Command.Expire expire ->
                ask(node, KeyValueGrpc.getExpireMethod(), CommandCodec.message(expire), timeoutMillis, written(node));
            case Command.Persist persist ->
                ask(node, KeyValueGrpc.getPersistMethod(), CommandCodec.message(persist), timeoutMillis, written(node));
            case Command.Increment increment ->
                ask(
                        node,
                        KeyValueGrpc.getIncrementMethod(),
                        CommandCodec.message(increment),
                        timeoutMillis,
                        (IncrementResponse response) -> new Answer<>(
                                CommandCodec.result(response),
                                CommandCodec.position(response.getPosition()),
                                node.id()));
            case Command.CompareAndSet swap ->
                ask(
                        node,
                        KeyValueGrpc.getCompareAndSetMethod(),
                        CommandCodec.message(swap),
                        timeoutMillis,
                        (CompareAndSetResponse response) -> new Answer<>(
                                CommandCodec.result(response),
                                CommandCodec.position(response.getPosition()),
                                node.id()));
        };
    }

    private static Function<WriteResponse, Answer<Command.Result>> written(NodeInfo node) {
        return response ->
                new Answer<>(CommandCodec.result(response), CommandCodec.position(response.getPosition()), node.id());
    }

    @Override
    public Attempt<Answer<WriteBatch.Result>> write(NodeInfo node, WriteBatch batch, long timeoutMillis) {
        return ask(
                node,
                KeyValueGrpc.getWriteBatchMethod(),
                CommandCodec.message(batch),
                timeoutMillis,
                (WriteBatchResponse response) -> new Answer<>(
                        CommandCodec.result(response), CommandCodec.position(response.getPosition()), node.id()));
    }

    @Override
    public Attempt<Answer<Page>> scan(
            NodeInfo node, int partition, long position, int limit, byte[] prefix, long timeoutMillis) {
        ScanRequest request = ScanRequest.newBuilder()
                .setPartition(partition)
                .setCursor(position)
                .setLimit(limit)
                .setPrefix(CommandCodec.shared(prefix))
                .build();
        return ask(
                node,
                KeyValueGrpc.getScanMethod(),
                request,
                timeoutMillis,
                (ScanResponse response) -> new Answer<>(
                        CommandCodec.page(response), CommandCodec.position(response.getPosition()), node.id()));
    }

    @Override
    public Attempt<Answer<Long>> count(NodeInfo node, int partition, long timeoutMillis) {
        return ask(
                node,
                KeyValueGrpc.getCountMethod(),
                CountRequest.newBuilder().setPartition(partition).build(),
                timeoutMillis,
                (CountResponse response) ->
                        new Answer<>(response.getKeys(), CommandCodec.position(response.getPosition()), node.id()));
    }

    private <Q, A, T> Attempt<T> ask(
            NodeInfo node, MethodDescriptor<Q, A> method, Q request, long timeoutMillis, Function<A, T> decode) {
        ManagedChannel channel = channelTo(node);
        PeerCall<Q, A> call = PeerCall.send(channel, method, request, timeoutMillis, channel::resetConnectBackoff);
        return new Attempt<>(call.answer().thenApply(decode), call::cancel);
    }
}
