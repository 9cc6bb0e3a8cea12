package io.caskade.server.listener.grpc;

import io.caskade.api.CaskadeErrors;
import io.caskade.api.v1.ErrorCode;
import io.caskade.server.cluster.CoordinationException;
import io.caskade.server.command.CommandRefusedException;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Always sends a response, even when the call fails unexpectedly. Stateless.
final class ResponseSender {

    private static final Logger LOG = LoggerFactory.getLogger(ResponseSender.class);

    private ResponseSender() {}

    /// Runs the operation, and sends its encoded result, or the failure.
    static <T, R> void send(
            StreamObserver<R> caller, Supplier<? extends CompletionStage<T>> asked, Function<T, R> translated) {
        try {
            asked.get().whenComplete((answer, failure) -> {
                if (failure == null) {
                    send(caller, () -> translated.apply(answer));
                } else {
                    caller.onError(failed(failure));
                }
            });
        } catch (RuntimeException e) {
            caller.onError(failed(e));
        }
    }

    /// A stage swallows what its dependents throw: a failure of the encoding must not leave the caller waiting.
    private static <R> void send(StreamObserver<R> caller, Supplier<R> translation) {
        R response;
        try {
            response = translation.get();
        } catch (RuntimeException | Error e) {
            caller.onError(failed(e));
            return;
        }
        caller.onNext(response);
        caller.onCompleted();
    }

    /// Sends a failure.
    static void fail(StreamObserver<?> caller, Throwable failure) {
        caller.onError(failed(failure));
    }

    private static Throwable failed(Throwable failure) {
        return switch (failure) {
            case CommandRefusedException refused ->
                CaskadeErrors.of(RequestCodec.code(refused.reason()), String.valueOf(refused.getMessage()));
            case CoordinationException unheard ->
                CaskadeErrors.of(ErrorCode.ERROR_CODE_NOT_SERVING, String.valueOf(unheard.getMessage()));
            case TimeoutException _ ->
                Status.UNAVAILABLE
                        .withDescription("the node did not answer in time; see its log")
                        .asRuntimeException();
            case CompletionException wrapped when wrapped.getCause() != null -> failed(wrapped.getCause());
            default -> {
                LOG.error("a call failed", failure);
                yield Status.INTERNAL
                        .withDescription("internal error; see the node's log")
                        .asRuntimeException();
            }
        };
    }
}
