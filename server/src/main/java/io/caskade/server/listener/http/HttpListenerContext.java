package io.caskade.server.listener.http;

import io.caskade.server.cluster.CoordinationException;
import io.caskade.server.command.ByteBudget;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.metrics.RequestKind;
import io.caskade.server.metrics.RequestTimers;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What all connections of an [HttpListener] share: the resources, the budgets, the counts. Thread-safe.
///
/// @param bodies bounds the bytes of bodies that have arrived and are not complete, or not handed on
/// @param nanoTime the monotonic clock
record HttpListenerContext(
        Router router,
        RequestTimers timers,
        ByteBudget bodies,
        ReadBudget reads,
        InFlightRequests inFlight,
        HttpDate date,
        LongSupplier nanoTime) {

    private static final Logger LOG = LoggerFactory.getLogger(HttpListenerContext.class);

    Exchange begin(HttpRequest head) {
        return new Exchange(head, nanoTime.getAsLong(), bodies, reads, inFlight);
    }

    /// What a request asks for.
    ///
    /// @throws HttpFailure when the head alone shows that it must be refused
    Operation route(HttpRequest head) {
        requireOwnOrigin(head.headers());
        return router.route(new Request(head.method().name(), RequestTarget.parse(head.uri()), head.headers()));
    }

    /// A web page in a user's browser must not write into a store that their machine can reach.
    private static void requireOwnOrigin(HttpHeaders headers) {
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        String host = headers.get(HttpHeaderNames.HOST, "").toLowerCase(Locale.ROOT);
        if (origin != null && !origin.toLowerCase(Locale.ROOT).equals("http://" + host)) {
            throw new HttpFailure(
                    ErrorCode.FOREIGN_ORIGIN,
                    "web pages of other origins may send nothing here; found Origin: " + origin);
        }
    }

    /// The answer that a failure is.
    Response response(Exchange exchange, Throwable failure) {
        return switch (failure) {
            case HttpFailure known -> known.response();
            case CommandRefusedException refused -> Response.refusal(refused, isWrite(exchange.kind()));
            case CoordinationException unheard ->
                Response.error(ErrorCode.NOT_SERVING, String.valueOf(unheard.getMessage()));
            case TimeoutException _ ->
                Response.error(ErrorCode.NOT_SERVING, "the node did not answer in time; see its log");
            case CompletionException wrapped when wrapped.getCause() != null -> response(exchange, wrapped.getCause());
            default -> {
                LOG.error("a request failed", failure);
                yield Response.error(ErrorCode.INTERNAL, "internal error; see the node's log");
            }
        };
    }

    private static boolean isWrite(RequestKind kind) {
        return switch (kind) {
            case PUT, DELETE, EXPIRE, PERSIST, INCREMENT, COMPARE_AND_SET, WRITE_BATCH -> true;
            case GET, SCAN, COUNT, VIEW_CHANGE, STATUS, INVALID -> false;
        };
    }

    /// Counts an answered request.
    void count(Exchange exchange, Response response) {
        timers.record(exchange.kind(), response.outcome(), nanoTime.getAsLong() - exchange.startNanos());
    }
}
