package io.caskade.client.call;

import io.caskade.api.CaskadeErrors;
import io.caskade.api.v1.ErrorCode;
import io.caskade.settings.HostPort;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// An administrator's call that any node can answer: asks one node after another until one does. Such calls
/// are safe to repeat.
///
/// @param channels  where calls go
/// @param method    the contract's method
/// @param request   what is sent
/// @param timeout   how long a node may take
/// @param exception turns a failure into the exception that the caller sees
/// @param <Q>       the request
/// @param <A>       the response
record AdminCall<Q, A>(
        NodeChannels channels,
        MethodDescriptor<Q, A> method,
        Q request,
        Duration timeout,
        Function<CallFailure, RuntimeException> exception) {

    /// Asks the nodes in turn.
    CompletableFuture<A> ask(List<HostPort> nodes) {
        return ask(nodes, new CallFailure.Unreachable("no node is registered", null));
    }

    private CompletableFuture<A> ask(List<HostPort> nodes, CallFailure lastFailure) {
        if (nodes.isEmpty()) {
            return CompletableFuture.failedFuture(exception.apply(lastFailure));
        }
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
        HostPort node = nodes.getFirst();
        return UnaryCall.start(channels.channelTo(node).newCall(method, options), request)
                .exceptionallyCompose(thrown -> {
                    CallFailure failure = failure(node, thrown);
                    return failure instanceof CallFailure.Unreachable
                            ? ask(nodes.subList(1, nodes.size()), failure)
                            : CompletableFuture.failedFuture(exception.apply(failure));
                });
    }

    private static CallFailure failure(HostPort node, Throwable thrown) {
        ErrorCode code = CaskadeErrors.codeOf(thrown);
        String message = String.valueOf(Status.fromThrowable(thrown).getDescription());
        return switch (code) {
            case ERROR_CODE_UNSPECIFIED, ERROR_CODE_NOT_SERVING, UNRECOGNIZED ->
                new CallFailure.Unreachable("the node at " + node + " does not answer: " + message, thrown);
            case ERROR_CODE_OUTCOME_UNKNOWN -> new CallFailure.OutcomeUnknown(message, thrown);
            case ERROR_CODE_INVALID_ARGUMENT,
                    ERROR_CODE_WRONG_VALUE,
                    ERROR_CODE_OVERFLOW,
                    ERROR_CODE_NOT_LEADER,
                    ERROR_CODE_NOT_ENOUGH_REPLICAS,
                    ERROR_CODE_BUSY,
                    ERROR_CODE_DISK_FULL,
                    ERROR_CODE_KEYDIR_FULL,
                    ERROR_CODE_COPY_FENCED,
                    ERROR_CODE_BEHIND_CONTEXT,
                    ERROR_CODE_CONTEXT_LOST -> new CallFailure.Refused(code, message, thrown);
        };
    }
}
