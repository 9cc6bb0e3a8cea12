package io.caskade.server.door.grpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.concurrent.atomic.AtomicLong;

/// Counts the calls of a service that have begun and not ended. Safe for use by any thread.
final class CallsUnderWay implements ServerInterceptor {

    private final AtomicLong count = new AtomicLong();

    boolean any() {
        return count.get() > 0;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        ServerCall.Listener<Q> listener = next.startCall(call, headers);
        count.incrementAndGet();
        return new SimpleForwardingServerCallListener<>(listener) {
            @Override
            public void onComplete() {
                count.decrementAndGet();
                super.onComplete();
            }

            @Override
            public void onCancel() {
                count.decrementAndGet();
                super.onCancel();
            }
        };
    }
}
