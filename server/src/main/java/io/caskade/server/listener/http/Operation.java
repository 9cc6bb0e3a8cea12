package io.caskade.server.listener.http;

import io.caskade.server.listener.ReadHold;
import io.caskade.server.metrics.RequestKind;
import java.util.concurrent.CompletionStage;

/// What a request asks for, once all but its body has been checked.
///
/// @param kind what the metrics call it
/// @param body the body that it takes
/// @param action does it
record Operation(RequestKind kind, Body body, Action action) {

    /// Does what a request asks for. Never blocks; called by the connection's thread.
    @FunctionalInterface
    interface Action {

        /// The response. Fails, or throws, with an [HttpFailure] or a
        /// [io.caskade.server.command.CommandRefusedException].
        ///
        /// @param body the request's body; empty when the operation takes none
        /// @param hold holds the bytes of values that are read, until the answer is written out
        CompletionStage<Response> respond(byte[] body, ReadHold hold);
    }

    /// The body that an operation takes.
    ///
    /// @param limit what is said of a longer one
    record Body(long maxBytes, String limit) {

        /// Clients may send a little where nothing is expected; it is ignored.
        static final Body NONE = new Body(
                ExchangeHandler.MAX_DROPPED_BYTES,
                "the request has a body of more than " + ExchangeHandler.MAX_DROPPED_BYTES
                        + " bytes, and none is expected");
    }

    static Operation withoutBody(RequestKind kind, Action action) {
        return new Operation(kind, Body.NONE, action);
    }
}
