package io.caskade.server.door.grpc;

import io.caskade.api.v1.KeyValueGrpc;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.concurrent.atomic.AtomicLong;

/// Counts the calls of a service that have begun and not ended: of a pipeline those on it, not the stream.
/// Safe for use by any thread.
final class CallsUnderWay implements ServerInterceptor {

    private static final String PIPELINE = KeyValueGrpc.getPipelineMethod().getFullMethodName();

    private final AtomicLong count = new AtomicLong();

    void began(int calls) {
        count.addAndGet(calls);
    }

    void ended(int calls) {
        count.addAndGet(-calls);
    }

    boolean any() {
        return count.get() > 0;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        ServerCall.Listener<Q> listener = next.startCall(call, headers);
        if (call.getMethodDescriptor().getFullMethodName().equals(PIPELINE)) {
            return listener;
        }
        began(1);
        return new SimpleForwardingServerCallListener<>(listener) {
            @Override
            public void onComplete() {
                ended(1);
                super.onComplete();
            }

            @Override
            public void onCancel() {
                ended(1);
                super.onCancel();
            }
        };
    }
}
