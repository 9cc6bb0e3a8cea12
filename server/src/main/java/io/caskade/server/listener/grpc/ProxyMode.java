package io.caskade.server.listener.grpc;

import com.google.protobuf.MessageLite;
import io.caskade.api.Proxying;
import io.caskade.api.v1.KeyValueGrpc;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Deadline;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.concurrent.TimeUnit;

/// What a call says of being passed on to another node, and how long its caller waits; both are asked on the
/// threads that gRPC calls the service on. Announces the length of an answer to a node that passed a get on.
/// Thread-safe.
final class ProxyMode implements ServerInterceptor {

    /// How long a caller waits that does not say so.
    private static final long DEFAULT_MILLIS = 10_000;

    /// How long a request waits for a leader at most.
    private static final long MAX_MILLIS = 60_000;

    private static final String GET = KeyValueGrpc.getGetMethod().getFullMethodName();
    private static final Context.Key<Boolean> FORBIDDEN = Context.key("kv-proxying-forbidden");

    /// Whether the current call must not be passed on.
    static boolean isForbidden() {
        return Boolean.TRUE.equals(FORBIDDEN.get());
    }

    /// How long the caller of the current call still waits.
    static long timeLeftMillis() {
        Deadline deadline = Context.current().getDeadline();
        return deadline == null
                ? DEFAULT_MILLIS
                : Math.clamp(deadline.timeRemaining(TimeUnit.MILLISECONDS), 0, MAX_MILLIS);
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (!Proxying.isForbidden(headers)) {
            return next.startCall(call, headers);
        }
        boolean announces = call.getMethodDescriptor().getFullMethodName().equals(GET);
        return Contexts.interceptCall(
                Context.current().withValue(FORBIDDEN, true),
                announces ? new AnnouncingCall<>(call) : call,
                headers,
                next);
    }

    /// Sends the headers with the answer, whose length they announce.
    private static final class AnnouncingCall<Q, A> extends SimpleForwardingServerCall<Q, A> {

        private Metadata headers = new Metadata();

        AnnouncingCall(ServerCall<Q, A> call) {
            super(call);
        }

        @Override
        public void sendHeaders(Metadata answer) {
            headers = answer;
        }

        @Override
        public void sendMessage(A answer) {
            Proxying.announceBytes(headers, answer instanceof MessageLite message ? message.getSerializedSize() : 0);
            super.sendHeaders(headers);
            super.sendMessage(answer);
        }
    }
}
