package io.caskade.client;

import io.grpc.ClientCall;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// The answer to one call that is made once.
final class UnaryCall<A> implements StreamObserver<A> {

    private final CompletableFuture<A> result = new CompletableFuture<>();
    private @Nullable A answer;

    private UnaryCall() {}

    /// Sends a request.
    ///
    /// @return fails with what gRPC says
    static <Q, A> CompletableFuture<A> start(ClientCall<Q, A> call, Q request) {
        UnaryCall<A> unary = new UnaryCall<>();
        ClientCalls.asyncUnaryCall(call, request, unary);
        return unary.result;
    }

    @Override
    public void onNext(A value) {
        answer = value;
    }

    @Override
    public void onError(Throwable failure) {
        result.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
        A complete = answer;
        if (complete == null) {
            onError(Status.INTERNAL
                    .withDescription("an answer without a message")
                    .asRuntimeException());
        } else {
            result.complete(complete);
        }
    }
}
