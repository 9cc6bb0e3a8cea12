package io.caskade.server.listener.http;

import io.caskade.api.CausalContext;
import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.listener.RecordReader;
import io.caskade.server.metrics.RequestKind;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One record, at `/v1/kv/{key}`. Thread-safe.
final class KeyResource {

    private static final String METHODS = "GET, HEAD, PUT, DELETE, POST";
    private static final Pattern DELTA = Pattern.compile("-?\\d{1,19}");

    /// A value in JSON may take twice its length, as base64 or with escapes, and this much around it.
    private static final int JSON_OVERHEAD_BYTES = 4096;

    private final CommandHandler handler;
    private final RecordReader reader;
    private final AnswerHeaders answers;
    private final int maxValueBytes;
    private final Operation.Body bytes;
    private final Operation.Body json;

    /// @param maxValueBytes the setting `storage.max-value-size`
    KeyResource(CommandHandler handler, RecordReader reader, AnswerHeaders answers, int maxValueBytes) {
        this.handler = handler;
        this.reader = reader;
        this.answers = answers;
        this.maxValueBytes = maxValueBytes;
        long maxJsonBytes = 2L * maxValueBytes + JSON_OVERHEAD_BYTES;
        this.bytes = new Operation.Body(
                maxValueBytes, "the value is longer than storage.max-value-size, " + maxValueBytes + " bytes");
        this.json = new Operation.Body(
                maxJsonBytes,
                "the JSON is longer than " + maxJsonBytes
                        + " bytes, which is twice storage.max-value-size and some; send the value alone, as "
                        + Response.BYTES);
    }

    /// The operation of a request.
    ///
    /// @throws HttpFailure when there is no such method, or the request is malformed
    Operation operation(Request request, byte[] key) {
        return switch (request.method()) {
            case Request.GET, Request.HEAD -> get(request, key);
            case "PUT" -> put(request, key);
            case "DELETE" -> delete(request, key);
            case "POST" -> increment(request, key);
            default -> throw HttpFailure.methodNotAllowed(request.method(), METHODS);
        };
    }

    private Operation get(Request request, byte[] key) {
        request.target().requireOnly(Set.of("read"));
        ReadConsistency consistency = ReadConsistency.parse(request.target().parameter("read"));
        CausalContext seen = AnswerHeaders.seen(request.headers());
        ReplicaRead demand = consistency.demand(handler.partitionOf(key), seen);
        boolean asBytes = Acceptance.of(request.headers()) == Acceptance.BYTES;
        EntityTags match = EntityTags.in(request.headers(), HttpHeaderNames.IF_MATCH);
        EntityTags noneMatch = EntityTags.in(request.headers(), HttpHeaderNames.IF_NONE_MATCH);
        return Operation.withoutBody(
                RequestKind.GET,
                (_, hold) -> reader.read(key, demand, hold).thenApply(answer -> {
                    Response response =
                            answers.respond(answer, seen, () -> read(answer.value(), match, noneMatch, asBytes));
                    hold.settle(response.bytes());
                    return response;
                }));
    }

    private static Response read(
            @Nullable FoundRecord found, @Nullable EntityTags match, @Nullable EntityTags noneMatch, boolean asBytes) {
        if (match != null && (found == null || !match.matchesStrongly(found.version()))) {
            throw WriteCondition.failed(found == null ? "there is no record" : "the record has another version");
        }
        if (found == null) {
            throw notFound();
        }
        Response response = noneMatch != null && noneMatch.matches(found.version())
                ? Response.empty(HttpResponseStatus.NOT_MODIFIED)
                : asBytes
                        ? Response.content(Response.BYTES, found.value())
                        : Response.json(Json.record(ListedRecord.of(found)));
        return response.with("etag", EntityTags.of(found.version()))
                .with("cache-control", "no-cache")
                .with("vary", "accept");
    }

    private static HttpFailure notFound() {
        return new HttpFailure(ErrorCode.NOT_FOUND, "there is no record of this key");
    }

    private Operation put(Request request, byte[] key) {
        request.target().requireOnly(Set.of("ttl"));
        String ttl = request.target().parameter("ttl");
        Condition condition = WriteCondition.ofPut(request.headers());
        CausalContext seen = AnswerHeaders.seen(request.headers());
        return switch (PutBody.type(request.headers())) {
            case BYTES -> {
                Expiry expiry = expiry(ttl);
                yield new Operation(RequestKind.PUT, bytes, (body, _) -> put(key, body, expiry, condition, seen));
            }
            case JSON -> {
                if (ttl != null) {
                    throw HttpFailure.invalid(
                            "the parameter ttl goes with " + Response.BYTES + "; in JSON it is the field ttl");
                }
                yield new Operation(RequestKind.PUT, json, (body, _) -> {
                    PutBody parsed = PutBody.parse(body);
                    return put(key, parsed.value(), expiry(parsed.ttl()), condition, seen);
                });
            }
        };
    }

    private static Expiry expiry(@Nullable String ttl) {
        return ttl == null ? new Expiry.Never() : new Expiry.After(GoDuration.parseTtl(ttl));
    }

    private CompletionStage<Response> put(
            byte[] key, byte[] value, Expiry expiry, Condition condition, CausalContext seen) {
        if (value.length > maxValueBytes) {
            throw new HttpFailure(ErrorCode.VALUE_TOO_LARGE, bytes.limit());
        }
        return handler.write(new Command.Put(key, value, expiry, condition))
                .thenApply(answer -> answers.respond(answer, seen, () -> written(key, condition, answer.value())));
    }

    private static Response written(byte[] key, Condition condition, Command.Result result) {
        if (!result.applied()) {
            throw conditionFailed(condition, result);
        }
        return Response.json(Json.written(key, result.version())).with("etag", EntityTags.of(result.version()));
    }

    private static HttpFailure conditionFailed(Condition condition, Command.Result result) {
        return WriteCondition.failed(
                condition instanceof Condition.Absent
                        ? "there is a record already"
                        : result.found() ? "the record has another version" : "there is no record");
    }

    private Operation delete(Request request, byte[] key) {
        request.target().requireOnly(Set.of());
        Condition condition = WriteCondition.ofDelete(request.headers());
        CausalContext seen = AnswerHeaders.seen(request.headers());
        return Operation.withoutBody(
                RequestKind.DELETE,
                (_, _) -> handler.write(new Command.Delete(key, condition))
                        .thenApply(answer -> answers.respond(answer, seen, () -> deleted(condition, answer.value()))));
    }

    private static Response deleted(Condition condition, Command.Result result) {
        if (!result.applied()) {
            throw condition instanceof Condition.None ? notFound() : conditionFailed(condition, result);
        }
        return Response.empty(HttpResponseStatus.NO_CONTENT);
    }

    /// A parameter names the operation: in the path it could be the end of a key.
    private Operation increment(Request request, byte[] key) {
        request.target().requireOnly(Set.of("op", "by"));
        String operation = request.target().parameter("op");
        if (!"incr".equals(operation)) {
            throw HttpFailure.invalid("a POST needs the parameter op=incr");
        }
        WriteCondition.requireNone(request.headers());
        String by = request.target().parameter("by");
        long delta = by == null ? 1 : delta(by);
        CausalContext seen = AnswerHeaders.seen(request.headers());
        return Operation.withoutBody(
                RequestKind.INCREMENT,
                (_, _) -> handler.write(new Command.Increment(key, delta))
                        .thenApply(answer -> answers.respond(answer, seen, () -> counted(key, answer.value()))));
    }

    private static Response counted(byte[] key, Command.Result result) {
        return Response.json(Json.counter(key, result.number(), result.version()))
                .with("etag", EntityTags.of(result.version()));
    }

    private static long delta(String by) {
        if (DELTA.matcher(by).matches()) {
            try {
                return Long.parseLong(by);
            } catch (NumberFormatException e) {
                throw notAnInteger();
            }
        }
        throw notAnInteger();
    }

    private static HttpFailure notAnInteger() {
        return HttpFailure.invalid("the parameter by is an integer from " + Long.MIN_VALUE + " to " + Long.MAX_VALUE);
    }
}
