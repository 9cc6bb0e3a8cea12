package io.caskade.client;

import io.caskade.api.CaskadeErrors;
import io.caskade.api.v1.ErrorCode;
import io.caskade.client.ClusterView.Endpoint;
import io.caskade.client.ClusterView.Node;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// An administrator's call that any node answers: asks one after the other until one does. Such a call may be repeated
/// without harm.
///
/// @param channels where calls go
/// @param method   the contract's method
/// @param request  what is sent
/// @param patience how long a node may take
/// @param <Q>      the request
/// @param <A>      the answer
record AdminCall<Q, A>(NodeChannels channels, MethodDescriptor<Q, A> method, Q request, Duration patience) {

    /// Asks the nodes of a view.
    ///
    /// @return fails with a [CaskadeException]
    CompletableFuture<A> ask(ClusterView view) {
        List<Endpoint> doors =
                view.nodes().stream().map(Node::grpc).flatMap(Optional::stream).toList();
        return ask(doors, new UnreachableException("no node is registered that could be asked", null));
    }

    private CompletableFuture<A> ask(List<Endpoint> doors, CaskadeException otherwise) {
        if (doors.isEmpty()) {
            return CompletableFuture.failedFuture(otherwise);
        }
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(patience.toNanos(), TimeUnit.NANOSECONDS);
        Endpoint door = doors.getFirst();
        return UnaryCall.start(channels.to(door).newCall(method, options), request)
                .exceptionallyCompose(failure -> {
                    CaskadeException found = failure(door, failure);
                    return found instanceof UnreachableException
                            ? ask(doors.subList(1, doors.size()), found)
                            : CompletableFuture.failedFuture(found);
                });
    }

    private static CaskadeException failure(Endpoint door, Throwable failure) {
        ErrorCode code = CaskadeErrors.codeOf(failure);
        String message = String.valueOf(Status.fromThrowable(failure).getDescription());
        return switch (code) {
            case ERROR_CODE_UNSPECIFIED, ERROR_CODE_NOT_SERVING, UNRECOGNIZED ->
                new UnreachableException("the node at " + door + " does not answer: " + message, failure);
            case ERROR_CODE_OUTCOME_UNKNOWN -> new OutcomeUnknownException(message, failure);
            case ERROR_CODE_INVALID_ARGUMENT,
                    ERROR_CODE_WRONG_VALUE,
                    ERROR_CODE_NOT_LEADER,
                    ERROR_CODE_NOT_ENOUGH_REPLICAS,
                    ERROR_CODE_BUSY,
                    ERROR_CODE_DISK_FULL,
                    ERROR_CODE_COPY_FENCED -> new RefusedException(code, message, failure);
        };
    }
}
