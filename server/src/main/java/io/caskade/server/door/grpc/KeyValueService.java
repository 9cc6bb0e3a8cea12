package io.caskade.server.door.grpc;

import com.google.protobuf.ByteString;
import io.caskade.api.v1.CallBatch;
import io.caskade.api.v1.CompareAndSetRequest;
import io.caskade.api.v1.CompareAndSetResponse;
import io.caskade.api.v1.DeleteRequest;
import io.caskade.api.v1.ExpireRequest;
import io.caskade.api.v1.GetRequest;
import io.caskade.api.v1.GetResponse;
import io.caskade.api.v1.IncrementRequest;
import io.caskade.api.v1.IncrementResponse;
import io.caskade.api.v1.KeyValueGrpc;
import io.caskade.api.v1.PersistRequest;
import io.caskade.api.v1.PutRequest;
import io.caskade.api.v1.ReplyBatch;
import io.caskade.api.v1.ScanRequest;
import io.caskade.api.v1.ScanResponse;
import io.caskade.api.v1.TtlRequest;
import io.caskade.api.v1.TtlResponse;
import io.caskade.api.v1.WriteResponse;
import io.caskade.server.command.Command;
import io.caskade.server.command.Command.StoredRecord;
import io.caskade.server.command.Commands;
import io.caskade.server.command.Commands.Answer;
import io.caskade.server.command.Commands.Found;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The key-value service of `key_value.proto`. Safe for use by any thread.
final class KeyValueService extends KeyValueGrpc.KeyValueImplBase {

    private final Commands commands;
    private final Pipelines pipelines;

    KeyValueService(Commands commands, Pipelines pipelines) {
        this.commands = commands;
        this.pipelines = pipelines;
    }

    @Override
    public StreamObserver<CallBatch> pipeline(StreamObserver<ReplyBatch> client) {
        return pipelines.begin(this, (ServerCallStreamObserver<ReplyBatch>) client);
    }

    @Override
    public void get(GetRequest request, StreamObserver<GetResponse> caller) {
        Answers.send(caller, () -> commands.get(Translation.bytes(request.getKey())), Translation::got);
    }

    /// Answers a get if that takes no disk. Never blocks.
    ///
    /// @return whether it is answered, or will be
    boolean getFromMemory(GetRequest request, StreamObserver<GetResponse> caller) {
        return sendFromMemory(caller, request.getKey(), Translation::got);
    }

    @Override
    public void ttl(TtlRequest request, StreamObserver<TtlResponse> caller) {
        Answers.send(caller, () -> commands.get(Translation.bytes(request.getKey())), Translation::timeLeft);
    }

    /// As [#getFromMemory].
    boolean ttlFromMemory(TtlRequest request, StreamObserver<TtlResponse> caller) {
        return sendFromMemory(caller, request.getKey(), Translation::timeLeft);
    }

    private <R> boolean sendFromMemory(
            StreamObserver<R> caller, ByteString key, Function<Answer<@Nullable Found>, R> translated) {
        try {
            Optional<CompletionStage<Answer<@Nullable Found>>> known = commands.getFromMemory(Translation.bytes(key));
            known.ifPresent(answer -> Answers.send(caller, () -> answer, translated));
            return known.isPresent();
        } catch (RuntimeException e) {
            Answers.fail(caller, e);
            return true;
        }
    }

    @Override
    public void put(PutRequest request, StreamObserver<WriteResponse> caller) {
        write(
                caller,
                new Command.Put(
                        Translation.bytes(request.getKey()),
                        Translation.bytes(request.getValue()),
                        Translation.expiry(request.getExpiry()),
                        Translation.condition(request.getCondition())));
    }

    @Override
    public void delete(DeleteRequest request, StreamObserver<WriteResponse> caller) {
        write(
                caller,
                new Command.Delete(Translation.bytes(request.getKey()), Translation.condition(request.getCondition())));
    }

    @Override
    public void expire(ExpireRequest request, StreamObserver<WriteResponse> caller) {
        write(caller, new Command.Expire(Translation.bytes(request.getKey()), Translation.expiry(request.getExpiry())));
    }

    @Override
    public void persist(PersistRequest request, StreamObserver<WriteResponse> caller) {
        write(caller, new Command.Persist(Translation.bytes(request.getKey())));
    }

    @Override
    public void increment(IncrementRequest request, StreamObserver<IncrementResponse> caller) {
        Command increment = new Command.Increment(Translation.bytes(request.getKey()), request.getDelta());
        Answers.send(
                caller,
                () -> commands.write(increment),
                answer -> IncrementResponse.newBuilder()
                        .setValue(answer.value().number())
                        .setVersion(answer.value().version())
                        .setPosition(Translation.position(answer))
                        .build());
    }

    @Override
    public void compareAndSet(CompareAndSetRequest request, StreamObserver<CompareAndSetResponse> caller) {
        Supplier<CompletionStage<Answer<Command.Result>>> asked = () -> commands.write(new Command.CompareAndSet(
                Translation.bytes(request.getKey()),
                Translation.expectation(request),
                Translation.bytes(request.getNewValue()),
                Translation.expiry(request.getExpiry())));
        Answers.send(caller, asked, answer -> {
            CompareAndSetResponse.Builder response = CompareAndSetResponse.newBuilder()
                    .setApplied(answer.value().applied())
                    .setVersion(answer.value().version())
                    .setPosition(Translation.position(answer));
            StoredRecord current = answer.value().current();
            return current == null
                    ? response.build()
                    : response.setCurrent(Translation.entry(request.getKey(), current))
                            .build();
        });
    }

    @Override
    public void scan(ScanRequest request, StreamObserver<ScanResponse> caller) {
        Supplier<CompletionStage<Answer<Commands.Page>>> asked = () -> commands.scan(
                request.getPartition(),
                request.getCursor(),
                request.getLimit(),
                Translation.bytes(request.getPrefix()));
        Answers.send(caller, asked, answer -> {
            ScanResponse.Builder response = ScanResponse.newBuilder()
                    .setNextCursor(answer.value().next())
                    .setPosition(Translation.position(answer));
            answer.value()
                    .records()
                    .forEach(found -> response.addEntries(Translation.entry(found, request.getKeysOnly())));
            return response.build();
        });
    }

    private void write(StreamObserver<WriteResponse> caller, Command command) {
        Answers.send(
                caller,
                () -> commands.write(command),
                answer -> WriteResponse.newBuilder()
                        .setApplied(answer.value().applied())
                        .setFound(answer.value().found())
                        .setVersion(answer.value().version())
                        .setPosition(Translation.position(answer))
                        .build());
    }
}
