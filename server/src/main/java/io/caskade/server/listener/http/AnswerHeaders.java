package io.caskade.server.listener.http;

import io.caskade.api.CausalContext;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.Position;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.function.Supplier;

/// What the header fields of a response say of its answer: which node served it, and what its client has seen
/// of the cluster by then. Pure.
///
/// @param self this node's id
record AnswerHeaders(String self) {

    /// The causal context, of requests and of responses.
    static final String CONTEXT = "causal-context";

    static final String SERVED_BY = "caskade-served-by";

    /// What the client of a request has seen.
    ///
    /// @throws HttpFailure when it is not the text of a causal context
    static CausalContext seen(HttpHeaders headers) {
        String text = headers.get(CONTEXT, "").strip();
        try {
            return text.isEmpty() ? CausalContext.EMPTY : CausalContext.parse(text);
        } catch (IllegalArgumentException e) {
            throw HttpFailure.invalid("the header field Causal-Context is " + e.getMessage());
        }
    }

    /// What a client has seen that has seen `seen` and gets an answer. An answer of a copy without a record
    /// rests on nothing.
    static CausalContext seen(CausalContext seen, Position position) {
        return position.epoch() < 1 || position.sequence() < 1
                ? seen
                : seen.merge(CausalContext.of(io.caskade.api.v1.Position.newBuilder()
                        .setPartition(position.partition())
                        .setEpoch(position.epoch())
                        .setSequence(position.sequence())
                        .build()));
    }

    /// The node that gave an answer.
    String servedBy(Answer<?> answer) {
        String other = answer.servedBy();
        return other == null ? self : other;
    }

    Response mark(Response response, String servedBy, CausalContext seen) {
        Response marked = response.with(SERVED_BY, servedBy);
        return seen.isEmpty() ? marked : marked.with(CONTEXT, seen.toString());
    }

    /// A response to a client that had seen `seen`.
    ///
    /// @param response may throw an [HttpFailure], which is marked too
    Response respond(Answer<?> answer, CausalContext seen, Supplier<Response> response) {
        CausalContext now = seen(seen, answer.position());
        try {
            return mark(response.get(), servedBy(answer), now);
        } catch (HttpFailure failure) {
            throw new HttpFailure(mark(failure.response(), servedBy(answer), now));
        }
    }
}
