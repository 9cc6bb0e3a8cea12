package io.caskade.bench.load;

import io.caskade.settings.HostPort;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Speaks to the members of an etcd over gRPC, one connection to each, in turns. Thread-safe.
public final class EtcdClient implements LoadClient {

    private final List<ManagedChannel> members;
    private final List<byte[]> keys;
    private final RequestPlan plan;

    private EtcdClient(List<ManagedChannel> members, List<byte[]> keys, RequestPlan plan) {
        this.members = members;
        this.keys = keys;
        this.plan = plan;
    }

    /// Connects when the first operation needs it.
    public static EtcdClient open(List<HostPort> members, List<byte[]> keys, RequestPlan plan) {
        return new EtcdClient(
                members.stream()
                        .map(member -> Grpc.newChannelBuilder(member.toString(), InsecureChannelCredentials.create())
                                .build())
                        .toList(),
                keys,
                plan);
    }

    @Override
    public CompletableFuture<?> start(long number) {
        Channel member = members.get(Math.floorMod(number, members.size()));
        byte[] key = keys.get(plan.keyOf(number, keys.size()));
        Answer answer = new Answer(!plan.puts());
        if (plan.puts()) {
            ClientCalls.asyncUnaryCall(
                    member.newCall(EtcdMessages.PUT, CallOptions.DEFAULT),
                    EtcdMessages.put(key, plan.valueOf(number)),
                    answer);
        } else {
            ClientCalls.asyncUnaryCall(
                    member.newCall(EtcdMessages.RANGE, CallOptions.DEFAULT), EtcdMessages.range(key), answer);
        }
        return answer.end;
    }

    /// The end of one call.
    private static final class Answer implements StreamObserver<byte[]> {

        private final CompletableFuture<Void> end = new CompletableFuture<>();
        private final boolean needsRecord;

        private Answer(boolean needsRecord) {
            this.needsRecord = needsRecord;
        }

        @Override
        public void onNext(byte[] message) {
            try {
                if (needsRecord && !EtcdMessages.hasRecord(message)) {
                    end.completeExceptionally(new FailedReplyException("no such key"));
                }
            } catch (IOException e) {
                end.completeExceptionally(e);
            }
        }

        @Override
        public void onError(Throwable failure) {
            end.completeExceptionally(new FailedReplyException(
                    Status.fromThrowable(failure).getCode().name()));
        }

        @Override
        public void onCompleted() {
            end.complete(null);
        }
    }

    @Override
    public void close() {
        members.forEach(ManagedChannel::shutdownNow);
    }
}
