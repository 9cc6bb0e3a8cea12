package io.caskade.server.listener.http;

import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.metrics.RequestTimers;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What is sent back. The body is shared and must not be changed.
///
/// @param body null for an answer that has none whatever the method, as 204 and 304
/// @param headers by name in lower case, without those that follow from the rest
/// @param outcome what the metrics call it
record Response(HttpResponseStatus status, byte @Nullable [] body, Map<String, String> headers, String outcome) {

    static final String JSON = "application/json";
    static final String BYTES = "application/octet-stream";

    /// When clients may try again, in seconds: an election takes about one.
    private static final String RETRY_SECONDS = "1";

    /// How many bytes the body has.
    long bytes() {
        return body == null ? 0 : body.length;
    }

    static Response json(byte[] body) {
        return json(HttpResponseStatus.OK, RequestTimers.OK, body);
    }

    static Response json(HttpResponseStatus status, String outcome, byte[] body) {
        return new Response(status, body, Map.of("content-type", JSON), outcome);
    }

    static Response content(String type, byte[] body) {
        return new Response(HttpResponseStatus.OK, body, Map.of("content-type", type), RequestTimers.OK);
    }

    static Response empty(HttpResponseStatus status) {
        return new Response(status, null, Map.of(), RequestTimers.OK);
    }

    static Response error(ErrorCode code, String message) {
        return error(code, code.status(), message);
    }

    private static Response error(ErrorCode code, HttpResponseStatus status, String message) {
        Response response = json(status, code.name().toLowerCase(Locale.ROOT), Json.error(code.name(), message));
        return status.equals(HttpResponseStatus.SERVICE_UNAVAILABLE)
                ? response.with("retry-after", RETRY_SECONDS)
                : response;
    }

    /// A JSON body that says why the node is not ready.
    static Response unavailable(byte[] body) {
        return json(HttpResponseStatus.SERVICE_UNAVAILABLE, "not_ready", body).with("retry-after", RETRY_SECONDS);
    }

    /// A refused command.
    ///
    /// @param write whether it could have changed something
    static Response refusal(CommandRefusedException refused, boolean write) {
        ErrorCode code = ErrorCode.of(refused.reason());
        boolean unknown = write && refused.reason() == Reason.COPY_FENCED;
        String message = String.valueOf(refused.getMessage());
        return unknown
                ? error(code, HttpResponseStatus.GATEWAY_TIMEOUT, message + "; the write may have been applied")
                : error(code, message);
    }

    Response with(String name, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(name, value);
        return new Response(status, body, more, outcome);
    }
}
