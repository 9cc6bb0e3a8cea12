package io.caskade.server.listener.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.caskade.api.v1.CallBatch;
import io.caskade.api.v1.CompareAndSetRequest;
import io.caskade.api.v1.CompareAndSetResponse;
import io.caskade.api.v1.CountRequest;
import io.caskade.api.v1.CountResponse;
import io.caskade.api.v1.DeleteRequest;
import io.caskade.api.v1.ExpireRequest;
import io.caskade.api.v1.GetRequest;
import io.caskade.api.v1.GetResponse;
import io.caskade.api.v1.IncrementRequest;
import io.caskade.api.v1.IncrementResponse;
import io.caskade.api.v1.KeyValueGrpc;
import io.caskade.api.v1.PersistRequest;
import io.caskade.api.v1.PutRequest;
import io.caskade.api.v1.ReadMode;
import io.caskade.api.v1.ReplyBatch;
import io.caskade.api.v1.ScanRequest;
import io.caskade.api.v1.ScanResponse;
import io.caskade.api.v1.TtlRequest;
import io.caskade.api.v1.TtlResponse;
import io.caskade.api.v1.WriteBatchRequest;
import io.caskade.api.v1.WriteBatchResponse;
import io.caskade.api.v1.WriteResponse;
import io.caskade.server.command.Command;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandHandler.StartedGet;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.command.WriteBatch;
import io.caskade.server.listener.ReadBudget;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The key-value service of `key_value.proto`. Thread-safe.
final class KeyValueService extends KeyValueGrpc.KeyValueImplBase {

    private final CommandHandler proxied;
    private final CommandHandler own;
    private final ReadBudget reads;
    private final Pipelines pipelines;
    private final Executor threads;

    /// @param threads run what may wait for the disk, or for bytes
    KeyValueService(GrpcListener.Commands commands, ReadBudget reads, Pipelines pipelines, Executor threads) {
        this.proxied = commands.proxied();
        this.own = commands.own();
        this.reads = reads;
        this.pipelines = pipelines;
        this.threads = threads;
    }

    /// Who answers the current call.
    private CommandHandler handler() {
        return ProxyMode.isForbidden() ? own : proxied;
    }

    @Override
    public StreamObserver<CallBatch> pipeline(StreamObserver<ReplyBatch> client) {
        return pipelines.begin(this, (ServerCallStreamObserver<ReplyBatch>) client);
    }

    @Override
    public void get(GetRequest request, StreamObserver<GetResponse> caller) {
        boolean withoutValue = request.getWithoutValue();
        read(
                caller,
                request.getKey(),
                request.getMode(),
                withoutValue,
                answer -> RequestCodec.getResponse(answer, withoutValue));
    }

    /// Starts a linearizable get or ttl: everything that needs no disk. Never blocks.
    ///
    /// @param withoutValue whether the value is not needed
    StartedGet beginGet(byte[] key, boolean withoutValue) {
        return withoutValue ? handler().beginGetInfo(key) : handler().beginGet(key);
    }

    /// Starts a get or a ttl of any mode, once this node's replica has come as far as a causal one demands, or
    /// refuses it within the call's deadline. Never blocks.
    ///
    /// @param withoutValue whether the value is not needed
    CompletionStage<StartedGet> beginGet(byte[] key, ReadMode mode, boolean withoutValue) {
        ReplicaRead read = RequestCodec.replicaRead(mode, partitionOf(key), maxWaitMillis());
        return read == null ? beginGet(key, withoutValue).begun() : handler().beginGet(key, read);
    }

    /// Leaves the refusal some of the call's time to reach its caller.
    private static long maxWaitMillis() {
        Deadline deadline = Context.current().getDeadline();
        return deadline == null
                ? ReplicaRead.MAX_WAIT_MILLIS
                : Math.max(0, deadline.timeRemaining(TimeUnit.MILLISECONDS) * 3 / 4);
    }

    int partitions() {
        return own.partitions();
    }

    int partitionOf(byte[] key) {
        return own.partitionOf(key);
    }

    @Override
    public void ttl(TtlRequest request, StreamObserver<TtlResponse> caller) {
        read(caller, request.getKey(), request.getMode(), true, RequestCodec::ttlResponse);
    }

    private <R extends MessageLite> void read(
            StreamObserver<R> caller,
            ByteString key,
            ReadMode mode,
            boolean withoutValue,
            Function<Answer<@Nullable FoundRecord>, R> encode) {
        UnaryReadHold hold = UnaryReadHold.of(reads, (ServerCallStreamObserver<R>) caller);
        ResponseSender.send(
                caller,
                () -> {
                    CompletionStage<StartedGet> begun = beginGet(RequestCodec.bytes(key), mode, withoutValue);
                    CompletableFuture<StartedGet> known = begun.toCompletableFuture();
                    return known.state() == Future.State.SUCCESS
                            ? finish(known.resultNow(), hold)
                            : begun.thenComposeAsync(started -> finish(started, hold), threads);
                },
                hold.encoding(encode));
    }

    /// May block.
    private static CompletionStage<Answer<@Nullable FoundRecord>> finish(StartedGet started, UnaryReadHold hold) {
        hold.take(started.bytes());
        return started.finish();
    }

    @Override
    public void put(PutRequest request, StreamObserver<WriteResponse> caller) {
        write(caller, RequestCodec.command(request));
    }

    @Override
    public void delete(DeleteRequest request, StreamObserver<WriteResponse> caller) {
        write(caller, RequestCodec.command(request));
    }

    @Override
    public void expire(ExpireRequest request, StreamObserver<WriteResponse> caller) {
        write(caller, RequestCodec.command(request));
    }

    @Override
    public void persist(PersistRequest request, StreamObserver<WriteResponse> caller) {
        write(caller, RequestCodec.command(request));
    }

    @Override
    public void increment(IncrementRequest request, StreamObserver<IncrementResponse> caller) {
        Command increment = RequestCodec.command(request);
        ResponseSender.send(
                caller,
                () -> handler().write(increment),
                answer -> RequestCodec.incrementResponse(answer.value())
                        .setPosition(RequestCodec.position(answer))
                        .setServedBy(RequestCodec.servedBy(answer))
                        .build());
    }

    @Override
    public void compareAndSet(CompareAndSetRequest request, StreamObserver<CompareAndSetResponse> caller) {
        Supplier<CompletionStage<Answer<Command.Result>>> asked =
                () -> handler().write(RequestCodec.command(request));
        Function<Answer<Command.Result>, CompareAndSetResponse> encode =
                answer -> RequestCodec.compareAndSetResponse(request.getKey(), answer.value())
                        .setPosition(RequestCodec.position(answer))
                        .setServedBy(RequestCodec.servedBy(answer))
                        .build();
        writeAndRead(caller, asked, encode);
    }

    @Override
    public void writeBatch(WriteBatchRequest request, StreamObserver<WriteBatchResponse> caller) {
        Supplier<CompletionStage<Answer<WriteBatch.Result>>> asked =
                () -> handler().write(BatchCodec.batch(request));
        Function<Answer<WriteBatch.Result>, WriteBatchResponse> encode = answer -> BatchCodec.response(request, answer);
        writeAndRead(caller, asked, encode);
    }

    /// A write whose response has values. A pipeline holds its replies' bytes itself.
    private <A, R extends MessageLite> void writeAndRead(
            StreamObserver<R> caller, Supplier<CompletionStage<Answer<A>>> asked, Function<Answer<A>, R> encode) {
        ResponseSender.send(
                caller,
                asked,
                caller instanceof ServerCallStreamObserver<R> call
                        ? UnaryReadHold.of(reads, call).encoding(encode)
                        : encode);
    }

    @Override
    public void scan(ScanRequest request, StreamObserver<ScanResponse> caller) {
        UnaryReadHold hold = UnaryReadHold.of(reads, (ServerCallStreamObserver<ScanResponse>) caller);
        Supplier<CompletionStage<Answer<CommandHandler.Page>>> asked = () -> {
            hold.take(own.maxPageBytes());
            return handler()
                    .scan(
                            request.getPartition(),
                            request.getCursor(),
                            request.getLimit(),
                            RequestCodec.bytes(request.getPrefix()));
        };
        ResponseSender.send(caller, asked, hold.encoding(answer -> {
            ScanResponse.Builder response = ScanResponse.newBuilder()
                    .setNextCursor(answer.value().next())
                    .setPosition(RequestCodec.position(answer))
                    .setServedBy(RequestCodec.servedBy(answer));
            answer.value()
                    .records()
                    .forEach(found -> response.addEntries(RequestCodec.entry(found, request.getKeysOnly())));
            return response.build();
        }));
    }

    @Override
    public void count(CountRequest request, StreamObserver<CountResponse> caller) {
        ResponseSender.send(
                caller,
                () -> handler().count(request.getPartition()),
                answer -> CountResponse.newBuilder()
                        .setKeys(answer.value())
                        .setPosition(RequestCodec.position(answer))
                        .setServedBy(RequestCodec.servedBy(answer))
                        .build());
    }

    private void write(StreamObserver<WriteResponse> caller, Command command) {
        ResponseSender.send(
                caller,
                () -> handler().write(command),
                answer -> RequestCodec.writeResponse(answer.value())
                        .setPosition(RequestCodec.position(answer))
                        .setServedBy(RequestCodec.servedBy(answer))
                        .build());
    }
}
