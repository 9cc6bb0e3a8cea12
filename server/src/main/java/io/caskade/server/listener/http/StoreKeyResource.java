package io.caskade.server.listener.http;

import io.caskade.api.CausalContext;
import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.listener.ReadHold;
import io.caskade.server.listener.RecordReader;
import io.caskade.server.metrics.RequestKind;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One record, at `/kv-store/keys/{key}`: reads are causal, by any replica. Thread-safe.
final class StoreKeyResource {

    private static final String METHODS = "GET, PUT, DELETE";
    private static final int MAX_KEY_BYTES = 65_535;

    /// A causal context, and what is around it.
    private static final int OVERHEAD_BYTES = 64 << 10;

    /// How often a put looks again whether there is a record, while others write and remove it.
    private static final int PUT_ATTEMPTS = 10;

    private final CommandHandler handler;
    private final RecordReader reader;
    private final AnswerHeaders answers;
    private final StoreJson json;
    private final int maxValueBytes;
    private final Operation.Body body;

    /// @param maxValueBytes the setting `storage.max-value-size`
    StoreKeyResource(
            CommandHandler handler, RecordReader reader, AnswerHeaders answers, StoreJson json, int maxValueBytes) {
        this.handler = handler;
        this.reader = reader;
        this.answers = answers;
        this.json = json;
        this.maxValueBytes = maxValueBytes;
        long maxBytes = 2L * maxValueBytes + OVERHEAD_BYTES;
        this.body = new Operation.Body(
                maxBytes,
                "the body is longer than " + maxBytes + " bytes, which is twice storage.max-value-size and some");
    }

    /// What is done with a body that could be parsed.
    private interface Handling {
        CompletionStage<Response> respond(StoreBody parsed, CausalContext seen, ReadHold hold);
    }

    /// The operation of a request.
    ///
    /// @throws HttpFailure when there is no such method, or the request is malformed
    Operation operation(Request request, byte[] key) {
        request.target().requireOnly(Set.of());
        String method = request.method();
        return switch (method) {
            case Request.GET -> operation(RequestKind.GET, request, key, (_, seen, hold) -> get(key, seen, hold));
            case "PUT" -> operation(RequestKind.PUT, request, key, (parsed, seen, _) -> put(key, parsed.value(), seen));
            case "DELETE" -> operation(RequestKind.DELETE, request, key, (_, seen, _) -> delete(key, seen));
            default -> throw HttpFailure.methodNotAllowed(method, METHODS);
        };
    }

    private Operation operation(RequestKind kind, Request request, byte[] key, Handling handling) {
        String method = request.method();
        CausalContext header = AnswerHeaders.seen(request.headers());
        return new Operation(kind, body, (bytes, hold) -> {
            StoreBody parsed =
                    StoreBody.parse(bytes).orElseThrow(() -> invalid("Failed to parse request body", method));
            if (key.length == 0) {
                throw invalid("Key is missing", method);
            }
            if (key.length > MAX_KEY_BYTES) {
                throw invalid("Key is too long", method);
            }
            return refusedInItsWords(method, () -> handling.respond(parsed, header.merge(parsed.seen()), hold));
        });
    }

    private static HttpFailure invalid(String error, String method) {
        return new HttpFailure(StoreJson.error(ErrorCode.INVALID_ARGUMENT, error, method, null));
    }

    private interface Responding {
        CompletionStage<Response> respond();
    }

    private static CompletionStage<Response> refusedInItsWords(String method, Responding responding) {
        try {
            return responding
                    .respond()
                    .exceptionallyCompose(failure -> CompletableFuture.failedStage(storeFailure(method, failure)));
        } catch (CommandRefusedException refused) {
            throw refusal(method, refused);
        }
    }

    private static Throwable storeFailure(String method, Throwable failure) {
        return switch (failure) {
            case CompletionException wrapped
            when wrapped.getCause() != null -> storeFailure(method, wrapped.getCause());
            case CommandRefusedException refused -> refusal(method, refused);
            default -> failure;
        };
    }

    private static HttpFailure refusal(String method, CommandRefusedException refused) {
        boolean read = method.equals(Request.GET);
        ErrorCode code = refused.reason() == Reason.COPY_FENCED && !read
                ? ErrorCode.OUTCOME_UNKNOWN
                : ErrorCode.of(refused.reason());
        String error = switch (code) {
            case OUTCOME_UNKNOWN -> "The write may have been applied, or may still be";
            case CONTEXT_LOST -> "Causal context is lost";
            default -> "Unable to satisfy request";
        };
        return new HttpFailure(StoreJson.error(code, error, method, refused.getMessage()));
    }

    private CompletionStage<Response> get(byte[] key, CausalContext seen, ReadHold hold) {
        return reader.read(key, ReadConsistency.CAUSAL.demand(handler.partitionOf(key), seen), hold)
                .thenApply(answer -> {
                    Response response = respond(answer, seen, served -> found(answer.value(), served));
                    hold.settle(response.bytes());
                    return response;
                });
    }

    private Response found(@Nullable FoundRecord found, StoreJson.Served served) {
        return found == null ? json.missing(Request.GET, served) : json.found(found.value(), served);
    }

    private CompletionStage<Response> put(byte[] key, byte @Nullable [] value, CausalContext seen) {
        if (value == null) {
            throw invalid("Value is missing", "PUT");
        }
        if (value.length > maxValueBytes) {
            throw new HttpFailure(StoreJson.error(
                    ErrorCode.VALUE_TOO_LARGE,
                    "Value is too long",
                    "PUT",
                    "storage.max-value-size is " + maxValueBytes + " bytes"));
        }
        return put(key, value, seen, PUT_ATTEMPTS);
    }

    /// Says whether there was a record before: a put without a condition does not look.
    private CompletionStage<Response> put(byte[] key, byte[] value, CausalContext seen, int attempts) {
        return write(key, value, new Condition.Absent())
                .thenCompose(added -> added.value().applied()
                        ? CompletableFuture.completedStage(respond(added, seen, served -> json.put(false, served)))
                        : replace(key, value, seen, attempts));
    }

    private CompletionStage<Response> replace(byte[] key, byte[] value, CausalContext seen, int attempts) {
        return write(key, value, new Condition.Present()).thenCompose(replaced -> {
            if (replaced.value().applied()) {
                return CompletableFuture.completedStage(respond(replaced, seen, served -> json.put(true, served)));
            }
            return attempts > 1
                    ? put(key, value, seen, attempts - 1)
                    : CompletableFuture.failedStage(new CommandRefusedException(
                            Reason.BUSY, "others write and remove the record all the time; try again later"));
        });
    }

    private CompletionStage<Answer<Command.Result>> write(byte[] key, byte[] value, Condition condition) {
        return handler.write(new Command.Put(key, value, new Expiry.Never(), condition));
    }

    private CompletionStage<Response> delete(byte[] key, CausalContext seen) {
        return handler.write(new Command.Delete(key, new Condition.None()))
                .thenApply(answer -> respond(
                        answer,
                        seen,
                        served -> answer.value().applied() ? json.deleted(served) : json.missing("DELETE", served)));
    }

    private Response respond(Answer<?> answer, CausalContext seen, Function<StoreJson.Served, Response> response) {
        CausalContext now = AnswerHeaders.seen(seen, answer.position());
        return answers.mark(
                response.apply(new StoreJson.Served(answer.servedBy(), now)), answers.servedBy(answer), now);
    }
}
