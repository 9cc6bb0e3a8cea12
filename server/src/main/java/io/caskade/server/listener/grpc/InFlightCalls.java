package io.caskade.server.listener.grpc;

import io.caskade.api.v1.KeyValueGrpc;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.concurrent.atomic.AtomicLong;

/// Counts a service's calls in flight; for a pipeline its calls, not the stream. Thread-safe.
final class InFlightCalls implements ServerInterceptor {

    private static final String PIPELINE = KeyValueGrpc.getPipelineMethod().getFullMethodName();

    private final AtomicLong count = new AtomicLong();

    void add(int calls) {
        count.addAndGet(calls);
    }

    void remove(int calls) {
        count.addAndGet(-calls);
    }

    boolean isAny() {
        return count.get() > 0;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        ServerCall.Listener<Q> listener = next.startCall(call, headers);
        if (call.getMethodDescriptor().getFullMethodName().equals(PIPELINE)) {
            return listener;
        }
        add(1);
        return new SimpleForwardingServerCallListener<>(listener) {
            @Override
            public void onComplete() {
                remove(1);
                super.onComplete();
            }

            @Override
            public void onCancel() {
                remove(1);
                super.onCancel();
            }
        };
    }
}
