package io.caskade.client.call;

import io.grpc.ClientCall;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One call sent by itself, and its response as a future.
final class UnaryCall<A> implements StreamObserver<A> {

    private final CompletableFuture<A> result = new CompletableFuture<>();
    private @Nullable A response;

    private UnaryCall() {}

    /// Sends a request.
    ///
    /// @return fails with gRPC's exception
    static <Q, A> CompletableFuture<A> start(ClientCall<Q, A> call, Q request) {
        UnaryCall<A> unary = new UnaryCall<>();
        ClientCalls.asyncUnaryCall(call, request, unary);
        return unary.result;
    }

    @Override
    public void onNext(A value) {
        response = value;
    }

    @Override
    public void onError(Throwable failure) {
        result.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
        A complete = response;
        if (complete == null) {
            onError(Status.INTERNAL
                    .withDescription("a response without a message")
                    .asRuntimeException());
        } else {
            result.complete(complete);
        }
    }
}
